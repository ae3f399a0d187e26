import type { EventView, JsonObject } from "@offhook/protocol";
import { z } from "zod";
import { eventView } from "@offhook/protocol";
import { sleep, systemClock } from "../../clock.ts";
import { idIn } from "../running-app.ts";
import type { ServerProcess } from "../server-process.ts";
import type { Acknowledged, Arrival } from "./account.ts";

/** What clients were told that it was done, as it comes in. */
export type Acknowledgements = {
  calls: Set<string>;
  words: Set<string>;
  ended: Set<string>;
  sentAgain: Acknowledged["sentAgain"][number][];
  read: Map<number, string>;
};

export function noAcknowledgements(): Acknowledgements {
  return { calls: new Set(), words: new Set(), ended: new Set(), sentAgain: [], read: new Map() };
}

/** Clients of one server, until it is gone. */
export type Load = {
  server: ServerProcess;
  receiver: { url: string; arrivals: readonly Arrival[] };
  acknowledged: Acknowledgements;
  /** Begins every text of this load, so that no two are the same. */
  label: string;
};

const linesPerCall = 5;

/** What the user says in a call, by its kind: plain talk, a tool that is waited for, one that is not. */
const kinds = [
  (line: string) => line,
  (line: string) => `call book {"line": "${line}"}`,
  (line: string) => line,
  (line: string) => `call notify {"line": "${line}"}`,
] as const;

/** Calls talk side by side, events are sent again, a reader follows; settles when all of them have given up. */
export async function putUnderLoad(load: Load, calls: number): Promise<void> {
  const talks = Array.from({ length: calls }, (_, index) => talk(load, index));
  await Promise.allSettled([...talks, sendAgain(load), readOn(load)]);
}

/** One call, from connecting to its end; every other one is left standing. */
async function talk({ server, receiver, acknowledged, label }: Load, number: number): Promise<void> {
  const assistant = assistantAt(receiver.url);
  const { status, body } = await server.api("POST", "/calls/v1/conversations/connect", { assistant });
  if (status !== 201) throw new Error(`connect was answered with ${status}`);
  const id = idIn(body);
  acknowledged.calls.add(id);
  const say = kinds[number % kinds.length] ?? kinds[0];
  for (let line = 1; line <= linesPerCall; line += 1) {
    const text = say(`${label}, call ${number}, line ${line}`);
    const path = `/calls/v1/conversations/${id}/messages${line % 2 === 0 ? "" : "?wait=true"}`;
    const said = await server.api("POST", path, { text });
    if (said.status === 200 || said.status === 202) acknowledged.words.add(text);
  }
  if (number % 2 === 0) return;
  const { status: ended } = await server.api("POST", `/calls/v1/conversations/${id}/control`, {
    type: "end",
  });
  if (ended === 200) acknowledged.ended.add(id);
}

function assistantAt(url: string): JsonObject {
  const tool = { description: "For this test", parameters: { type: "object", properties: {} } };
  return {
    name: "Echo",
    assistantProvider: "rehearsal",
    welcomeMessage: "Hello.",
    assistantServer: { url, secret: "a secret for the crash test" },
    tools: [
      { ...tool, name: "book" },
      { ...tool, name: "notify", async: true },
    ],
    assistantAnalysis: { summary: { enabled: true } },
  };
}

const betweenMs = 20;

/** Has one event of each of some calls sent again: such whose call has gone on, so that it was settled for sure. */
async function sendAgain({ server, receiver, acknowledged }: Load): Promise<never> {
  for (;;) {
    const done = new Set(acknowledged.sentAgain.map(({ id }) => callIn(id)));
    const after = receiver.arrivals.length;
    const last = receiver.arrivals.findLast((each) => each.sequence > 2 && !done.has(each.callId));
    const settled = receiver.arrivals.find(
      (each) => each.callId === last?.callId && each.acceptedAt !== undefined && each.sequence === 1,
    );
    // Without an event it asks for one that there is not: so it always notices when the server is gone.
    const id = settled?.id ?? "none";
    const { status } = await server.api("POST", `/events/v1/deliveries/${id}/redeliver`);
    if (status === 202) acknowledged.sentAgain.push({ id, after });
    await sleep(systemClock, betweenMs);
  }
}

function callIn(eventId: string): string {
  return eventId.replace(/^evt_/u, "").replace(/_\d+$/u, "");
}

const eventsView = z.object({ data: z.array(eventView), next: z.number(), more: z.boolean() });

/** Follows the journal of all calls, as a client that catches up by cursor does. */
async function readOn({ server, acknowledged }: Load): Promise<never> {
  let after = Math.max(0, ...acknowledged.read.keys());
  for (;;) {
    const { body } = await server.api("GET", `/events/v1/events?after=${after}&limit=500`);
    const page = eventsView.parse(body);
    for (const entry of page.data) acknowledged.read.set(entry.cursor, JSON.stringify(entry));
    after = page.next;
    await sleep(systemClock, betweenMs);
  }
}

/** The whole journal of all calls. */
export async function journalIn({ api }: ServerProcess): Promise<EventView[]> {
  const journal: EventView[] = [];
  for (;;) {
    const { body } = await api("GET", `/events/v1/events?after=${journal.at(-1)?.cursor ?? 0}&limit=500`);
    const page = eventsView.parse(body);
    journal.push(...page.data);
    if (!page.more) return journal;
  }
}
