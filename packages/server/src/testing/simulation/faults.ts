/** A fault that is planted in a copy of the server, and must be found. */
export type Fault = {
  name: string;
  /** Under `src`. */
  file: string;
  /** What is there once, and what is put in its place. */
  find: string;
  replace: string;
  /** What the simulation must say of it. */
  says: string;
  /** The first plan of the search. */
  seed: number;
};

/** Each of them has been made by somebody, somewhere. */
export const faults: readonly Fault[] = [
  {
    name: "a hang is raised only when something of the reply comes",
    file: "conversation/deadline.ts",
    find: `const isDue = turn.hang.kind === "none" && core.user.kind !== "speaking";`,
    replace: `const isDue = false;`,
    says: "no hang was raised (I4)",
    seed: 1,
  },
  {
    name: "a hang is raised twice in a turn",
    file: "conversation/deadline.ts",
    find: `turn.hang.kind === "none" &&`,
    replace: "",
    says: "this turn has hung before (I4)",
    seed: 1,
  },
  {
    name: "the result of a tool is brought in while the user speaks",
    file: "conversation/act.ts",
    find: `if (core.user.kind === "speaking" || calls`,
    replace: `if (calls`,
    says: "while the user speaks (I22)",
    seed: 3,
  },
  {
    name: "the end of a discarded reply is taken for that of the next, and its endCall with it",
    file: "conversation/step.ts",
    find: `return state.reply.id === event.replyId;`,
    replace: `return event.replyId !== "";`,
    says: "which was discarded (I15)",
    seed: 5001,
  },
  {
    name: "a call is reported twice",
    file: "calls/report.ts",
    find: `  await journal.append(happenings, parts.clock.now());`,
    replace: `  await journal.append(happenings, parts.clock.now());
  if (reading.call.endedReason === "server-lost") await journal.append(happenings, parts.clock.now());`,
    says: "was reported before",
    seed: 1,
  },
  {
    name: "the timer of a call is not called off when the next is set",
    file: "calls/run-call.ts",
    find: `    this.#timer?.cancel();
    this.#timer = at`,
    replace: `    this.#timer = at`,
    says: "timers were left behind",
    seed: 1,
  },
  {
    name: "a tool is asked before its call is on disk",
    file: "calls/run-call.ts",
    find: `    if (written !== undefined) await written;`,
    replace: `    for (const effect of done.effects) if (!isOfModel(effect)) this.#perform(effect);
    await written;`,
    says: "it was sent before it was on disk (I5)",
    seed: 1,
  },
  {
    name: "an event is handed over before it is on disk",
    file: "calls/journal.ts",
    find: `    const result = await this.#parts.store.append(`,
    replace: `    const lane = await this.#parts.store.findLane(callId);
    const stored = entries.map((entry) => ({ ...entry, position: 0, teamId, callId }));
    if (lane !== undefined)
      this.#parts.handOver({
        lane: { ...lane, last: reading.sequence, dueAt: lane.dueAt ?? at },
        before,
        entries: stored,
      });
    const result = await this.#parts.store.append(`,
    says: "it was sent before it was on disk",
    seed: 1,
  },
  {
    name: "a call that was lost is reported, and then finished",
    file: "calls/lost.ts",
    find: `if (journal.reading.call.status !== "finished") await journal.append([lost], clock.now());`,
    replace: `if (clock.now() === 0) await journal.append([lost], clock.now());`,
    says: "the call is not finished",
    seed: 1,
  },
  {
    name: "the place of a call that could not be made is not given back",
    file: "calls/call-room.ts",
    find: `      place.leave();
      throw error;`,
    replace: `      throw error;`,
    says: "calls are counted as live",
    seed: 1,
  },
  {
    name: "words that wait are written when it is their turn",
    file: "conversation/waiting.ts",
    find: `queue(writeWords(core, { ...words, waits }, out),`,
    replace: `queue(core,`,
    says: "were accepted and not written (I13)",
    seed: 1,
  },
  {
    name: "a tool that was at work is sent again when its call is taken up",
    file: "conversation/take-up.ts",
    find: `    if (left.name !== "acting") break;`,
    replace: `    if (left.name !== "acting") break;
    const tool = left.core.setup.tools.find((one) => one.name === name);
    if (tool !== undefined)
      out.effects.push({ type: "ask-tool", toolCallId, modelCallId: "again", tool, arguments: {} });`,
    says: "it was sent again (I5)",
    seed: 1,
  },
  {
    name: "a reply that is asked again after a loss has the id of the one that was lost",
    file: "conversation/take-up.ts",
    find: `  return ask({ core: state.core,`,
    replace: `  const made = { ...state.core.made, replies: state.core.made.replies - 1 };
  return ask({ core: { ...state.core, made },`,
    says: "was given before (I7)",
    seed: 1,
  },
  {
    name: "a call that is read back has lost the words over a reply",
    file: "conversation/read-events.ts",
    find: `  return text === "" ? wordless :`,
    replace: `  return event.type === "heard" || text === "" ? wordless :`,
    says: "it could have gone on",
    seed: 1,
  },
];

const foundAnywhere = new Set(["a call is reported twice", "an event is handed over before it is on disk"]);

/** What is found with PostgreSQL under the server as well, and faults of the store on it. */
export const faultsOnPostgres: readonly Fault[] = [
  ...faults.filter(({ name }) => foundAnywhere.has(name)),
  {
    name: "a lane that has more to send is let go of as if it had not",
    file: "store/postgres/functions.ts",
    find: `            WHEN s.settled < o.last THEN s.at
`,
    replace: "",
    says: "was lost: neither accepted nor given up",
    seed: 1,
  },
  {
    name: "what is superseded is settled and not noted",
    file: "store/postgres/functions.ts",
    find: `w.state IN ('dead', 'superseded')`,
    replace: `w.state = 'dead'`,
    says: "was lost: neither accepted nor given up",
    seed: 1,
  },
  {
    name: "calls that are written together are given each other's answers",
    file: "store/postgres/journal-writing.ts",
    find: `outcomes[job] = outcomeOf(`,
    replace: `outcomes[rows.length - 1 - job] = outcomeOf(`,
    says: "it was sent before it was on disk",
    seed: 1,
  },
];
