import type { ConnectInput } from "@offhook/client";
import type { CallWithMessages } from "@offhook/protocol";
import { sleep, systemClock } from "../../clock.ts";
import type { Random } from "../../random.ts";
import type { FickleReceiver } from "../crash/fickle-receiver.ts";
import type { Acknowledgements } from "../crash/load.ts";
import type { AnyNode, Asked, Tally } from "./any-node.ts";

/** Clients of several servers, until they are told to come to an end. */
export type ClusterLoad = {
  anyNode: AnyNode;
  receiver: FickleReceiver;
  acknowledged: Acknowledgements;
  tally: Tally;
  random: Random;
  /** Begins every text of this load, so that no two are the same. */
  label: string;
  /** From then on no new talk begins; those that are under way go on to their end. */
  enough: AbortSignal;
};

const talksAtOnce = 8;
const linesPerCall = 8;
const betweenLinesMs = 250;
const sendAgainEveryMs = 400;
const readEveryMs = 100;

/** What the user says in a call, by its kind: plain talk, a tool that is waited for, one that is not. */
const kinds = [
  (line: string) => line,
  (line: string) => `call book {"line": "${line}"}`,
  (line: string) => line,
  (line: string) => `call notify {"line": "${line}"}`,
] as const;

/** Calls talk side by side, one after another; events are sent again, a reader follows. Settles when all have come to their end. */
export async function putClusterUnderLoad(load: ClusterLoad): Promise<void> {
  let number = 0;
  const talkOn = async (): Promise<void> => {
    while (!load.enough.aborted) await talk(load, (number += 1));
  };
  await Promise.all([...Array.from({ length: talksAtOnce }, talkOn), sendAgain(load), readOn(load)]);
}

/** One call, from connecting to its end; every other one is left standing. */
async function talk(load: ClusterLoad, number: number): Promise<void> {
  const { anyNode, acknowledged, receiver, random } = load;
  const key = { idempotencyKey: random.uuid() };
  const body = { assistant: assistantAt(receiver.url), callType: "chat" } satisfies ConnectInput;
  const placed = await anyNode.repeat((client) => client.calls.connect(body, key));
  if (placed.kind !== "done") return note(load, "connect", placed);
  const { id } = placed.value;
  acknowledged.calls.add(id);
  const wording = kinds[number % kinds.length] ?? kinds[0];
  for (let line = 1; line <= linesPerCall; line += 1) {
    const text = `${load.label}, call ${number}, line ${line}`;
    if (!(await say(load, { id, wording, text, wait: line % 2 === 1 }))) return;
    await sleep(systemClock, random.fraction() * betweenLinesMs * 2);
  }
  if (number % 2 === 0) return;
  const ended = await anyNode.once((client) => client.calls.control(id, { type: "end" }));
  if (ended.kind === "done") acknowledged.ended.add(id);
  else note(load, "end", ended);
}

type Words = { id: string; wording: (line: string) => string; text: string; wait: boolean };

/** Says something; when it is not known whether it was heard, looks, and says it again in other words. Answers whether the call goes on. */
async function say(load: ClusterLoad, { id, wording, text, wait }: Words): Promise<boolean> {
  const { anyNode, acknowledged } = load;
  const words = wording(text);
  const said = await anyNode.once<unknown>((client) =>
    wait ? client.calls.say(id, words, { wait: true }) : client.calls.say(id, words),
  );
  if (said.kind === "refused") {
    note(load, "say", said);
    return false;
  }
  if (said.kind === "done" || (await isHeard(load, id, words))) {
    acknowledged.words.add(words);
    return true;
  }
  return say(load, { id, wording, text: `${text}, again`, wait });
}

async function isHeard({ anyNode }: ClusterLoad, id: string, words: string): Promise<boolean> {
  const call = await anyNode.repeat<CallWithMessages>((client) => client.calls.get(id));
  return call.kind === "done" && call.value.messages.some(({ text }) => text === words);
}

/** What a client may be told of a call that has come to its end. */
const ends: ReadonlySet<string> = new Set(["call-finished", "call-ending"]);

function note({ tally }: ClusterLoad, what: string, asked: Asked<unknown>): void {
  if (asked.kind === "refused" && !ends.has(asked.code))
    tally.failed.push(`${what}: ${asked.code}: ${asked.detail}`);
}

function assistantAt(url: string): ConnectInput["assistant"] {
  const tool = { description: "For this test", parameters: { type: "object", properties: {} } };
  return {
    name: "Echo",
    assistantProvider: "rehearsal",
    welcomeMessage: "Hello.",
    idleTimeout: 3_600,
    assistantServer: { url, secret: "a secret for the cluster test" },
    tools: [
      { ...tool, name: "book" },
      { ...tool, name: "notify", async: true },
    ],
    assistantAnalysis: { summary: { enabled: true } },
  };
}

/** Has events sent again, one of each of some calls: of such whose call has gone on, so that they were settled for sure. */
async function sendAgain({ anyNode, receiver, acknowledged, enough, tally }: ClusterLoad): Promise<void> {
  const done = new Set<string>();
  while (!enough.aborted) {
    const after = receiver.arrivals.length;
    const last = receiver.arrivals.findLast((each) => each.sequence > 2 && !done.has(each.callId));
    const settled = receiver.arrivals.find(
      (each) => each.callId === last?.callId && each.acceptedAt !== undefined && each.sequence === 1,
    );
    if (settled !== undefined) {
      done.add(settled.callId);
      const asked = await anyNode.repeat((client) => client.deliveries.redeliver(settled.id));
      if (asked.kind === "done") acknowledged.sentAgain.push({ id: settled.id, after });
      if (asked.kind === "refused") tally.failed.push(`redeliver: ${asked.code}: ${asked.detail}`);
    }
    await sleep(systemClock, sendAgainEveryMs, enough);
  }
}

/** Follows the journal of all calls, as a client that catches up by cursor does, at whichever server answers. */
async function readOn({ anyNode, acknowledged, enough }: ClusterLoad): Promise<void> {
  let after = 0;
  while (!enough.aborted) {
    const from = after;
    const page = await anyNode.repeat((client) => client.events.list({ after: from, limit: 500 }));
    if (page.kind !== "done") continue;
    for (const entry of page.value.data) acknowledged.read.set(entry.cursor, JSON.stringify(entry));
    after = page.value.next;
    await sleep(systemClock, readEveryMs, enough);
  }
}

/** Ends what clients have left standing; answers how many calls there were. */
export async function endCalls(anyNode: AnyNode): Promise<number> {
  for (let ended = 0; ;) {
    const page = await anyNode.repeat((client) => client.calls.list({ size: 100, status: "ongoing" }));
    if (page.kind !== "done" || page.value.data.length === 0) return ended;
    const endings = page.value.data.map(({ id }) =>
      anyNode.repeat((client) => client.calls.control(id, { type: "end" })),
    );
    ended += (await Promise.all(endings)).length;
    await sleep(systemClock, readEveryMs);
  }
}
