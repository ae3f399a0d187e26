import { control, type Entry, type Happening } from "@offhook/protocol";
import { nextDeadline } from "./deadline.ts";
import type { Event } from "./event.ts";
import { limits } from "./limits.ts";
import { assistantTextOf, causesOf, type Cause } from "./read-events.ts";
import { queued, type Setup, type State, type Turn } from "./state.ts";
import { step } from "./step.ts";
import { takeUp } from "./take-up.ts";

/** A call as its journal leaves it: its state, and how often it was taken up since anything else happened. */
export type ReadBack = { state: State; takeUps: number };

export type Kept = { id: Parameters<typeof queued>[0]["id"]; setup: Setup; entries: readonly Entry[] };

/**
 * Reads a call back from its journal: finds the events that wrote it, and lets
 * `step` decide about them as it did then. Undefined when today's `step` would
 * not have written this journal, or when the call is finished.
 */
export function readBack({ id, setup, entries }: Kept, now: number): ReadBack | undefined {
  const written = entries.filter(({ what }) => isOfTheTalk(what));
  const beganAt = entries[0]?.at ?? now;
  let read: Reading = {
    state: queued({ id, setup, connectBy: beganAt + limits.connectMaxMs }),
    next: 0,
    takeUps: 0,
    takenAt: Number.NEGATIVE_INFINITY,
  };
  while (read.next < written.length) {
    const more = readOne(read, written);
    if (more === undefined) return undefined;
    read = more;
  }
  const { state, takeUps, takenAt } = read;
  const isCalm = now - takenAt >= limits.takeUpsCalmMs;
  return { state: withSecrets(quietUntil(state, now), setup), takeUps: isCalm ? 0 : takeUps };
}

/** The journal has no secrets: tools that were set by control have those of the assistant's tool of the same name and address. */
function withSecrets(state: State, kept: Setup): State {
  const setup = withSecretsOf(state.core.setup, kept);
  const next = withSetup(state, setup);
  if (!("turn" in next) || next.turn === undefined) return next;
  return withTurn(next, { ...next.turn, setup: withSecretsOf(next.turn.setup, kept) });
}

function withSetup<Of extends State>(state: Of, setup: Setup): Of {
  return { ...state, core: { ...state.core, setup } };
}

function withTurn<Of extends Extract<State, { turn: Turn | undefined }>>(state: Of, turn: Turn): Of {
  return { ...state, turn };
}

function withSecretsOf(setup: Setup, kept: Setup): Setup {
  const tools = setup.tools.map((tool) => {
    const { server } = tool;
    const known = kept.tools.find(({ name }) => name === tool.name)?.server;
    if (server === undefined || known === undefined || known.url !== server.url) return tool;
    return { ...tool, server: { ...known, ...server, headers: { ...known.headers, ...server.headers } } };
  });
  return setup.tools === kept.tools ? setup : { ...setup, tools };
}

/** How far a journal was read. */
type Reading = { state: State; next: number; takeUps: number; takenAt: number };

/** Entries that `step` writes; the others are written around it. */
function isOfTheTalk(what: Happening): boolean {
  switch (what.type) {
    case "call-created":
    case "assistant-chosen":
    case "tools-listed":
    case "variables-missing":
    case "analysis-finished":
    case "reported":
    case "analysis-updated":
      return false;
    case "status-changed":
      return what.status !== "queued";
    case "error":
      return what.error.provider !== "mcp";
    default:
      return true;
  }
}

/** Explains the next entries by the first cause that fits, and goes on behind them. */
function readOne(read: Reading, written: readonly Entry[]): Reading | undefined {
  const rest = written.slice(read.next, read.next + groupMax);
  const [first] = rest;
  if (first === undefined) return undefined;
  const state = quietUntil(read.state, first.at);
  if (first.what.type === "taken-up") {
    const isCalm = first.at - read.takenAt >= limits.takeUpsCalmMs;
    const takeUps = isCalm ? 0 : read.takeUps;
    const taken = takeUp({ state, takeUps, pauseMs: first.what.pauseMs }, first.at);
    if (!isWritten(taken.entries, rest)) return undefined;
    return {
      state: taken.state,
      next: read.next + taken.entries.length,
      takeUps: takeUps + 1,
      takenAt: first.at,
    };
  }
  const text = assistantTextOf(state, written, read.next);
  for (const cause of causesOf(state, { rest, text })) {
    const done = play(state, cause, first.at);
    if (done.entries.length === 0 || !isWritten(done.entries, rest)) continue;
    return { ...read, state: done.state, next: read.next + done.entries.length, takeUps: 0 };
  }
  return undefined;
}

/** One step writes no more than so many entries: the tool calls of a reply with their answers, and what is said. */
const groupMax = 400;

function play(from: State, cause: Cause, now: number): { state: State; entries: Happening[] } {
  let state = from;
  const entries: Happening[] = [];
  for (const { event, at } of cause) {
    const moment = Math.min(at ?? now, now);
    const done = step(quietUntil(state, moment), event, moment);
    state = done.state;
    entries.push(...done.entries);
  }
  return { state, entries };
}

const passes: Event = { type: "deadline-passed" };

/** Lets the deadlines pass that write nothing: a user who is away, a warning that waits for a pause. */
function quietUntil(from: State, now: number): State {
  let state = from;
  for (;;) {
    const at = nextDeadline(state)?.at;
    if (at === undefined || at > now) return state;
    const { state: next, entries } = step(state, passes, at);
    if (entries.length > 0 || next === state) return state;
    state = next;
  }
}

/** Whether the journal goes on with these: of the same kind, about the same things, at one time. */
function isWritten(entries: readonly Happening[], rest: readonly Entry[]): boolean {
  return entries.every((entry, index) => {
    const there = rest[index];
    return there !== undefined && there.at === rest[0]?.at && aboutOf(there.what) === aboutOf(entry);
  });
}

function aboutOf(what: Happening): string {
  switch (what.type) {
    case "status-changed":
      return `${what.type} ${what.status}`;
    case "turn-started":
      return `${what.type} ${what.turnId} ${what.cause}`;
    case "turn-ended":
      return `${what.type} ${what.turnId} ${what.outcome}`;
    case "message-added":
      return `${what.type} ${what.message.messageId} ${what.message.role} ${what.turnId ?? ""} ${what.waits ?? ""}`;
    case "model-requested":
      return `${what.type} ${what.replyId} ${what.again ?? ""}`;
    case "model-answered":
      return `${what.type} ${what.replyId} ${what.outcome}`;
    case "tool-requested":
      return `${what.type} ${what.toolCallId} ${what.name}`;
    case "tool-answered":
      return `${what.type} ${what.toolCallId} ${what.outcome.kind}`;
    case "hang":
      return `${what.type} ${what.hang.turnId} ${what.hang.phase}`;
    case "control-received":
      return `${what.type} ${control.safeParse(what.control).data?.type ?? ""}`;
    default:
      return what.type;
  }
}
