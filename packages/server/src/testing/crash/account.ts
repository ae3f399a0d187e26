import type { EventView, JsonObject } from "@offhook/protocol";
import type { Received } from "../receiver.ts";

/** A request of the server as its receiver saw it, in the order of arrival. */
export type Arrival = {
  kind: "tell" | "ask";
  /** The `webhook-id`. */
  id: string;
  callId: string;
  /** 0 for an ask. */
  sequence: number;
  type: string;
  missed: readonly number[];
  body: string;
  /** Epoch ms. */
  at: number;
  /** When it was answered with 2xx, in epoch ms; `undefined` when it was not. */
  acceptedAt: number | undefined;
};

/** What clients were told that it was done. */
export type Acknowledged = {
  calls: ReadonlySet<string>;
  /** Texts of users, each its own. */
  words: ReadonlySet<string>;
  /** Calls that were ended by control. */
  ended: ReadonlySet<string>;
  /** Events to be sent again, with how many requests had arrived before that was asked for. */
  sentAgain: readonly { id: string; after: number }[];
  /** Entries that a reader of the journal was given, by cursor. */
  read: ReadonlyMap<number, string>;
};

/** What was wrong, in sentences; without any, nothing was lost, reordered or told twice. */
export type Account = { lost: string[]; reordered: string[]; renamed: string[]; withoutOneReport: string[] };

export type Books = {
  journal: readonly EventView[];
  arrivals: readonly Arrival[];
  acknowledged: Acknowledged;
};

/** Reads a request; `acceptedAt` as in {@link Arrival}. */
export function arrivalOf(request: Received, acceptedAt: number | undefined): Arrival {
  const { message } = JSON.parse(request.body) as { message: JsonObject };
  const { sequence, type, missed } = message;
  const call = message["call"] as JsonObject;
  return {
    kind: type === "function-call" ? "ask" : "tell",
    id: request.headers["webhook-id"] ?? "",
    callId: textOf(call["id"]),
    sequence: Number(sequence ?? 0),
    type: textOf(type),
    missed: (missed ?? []) as number[],
    body: request.body,
    at: request.at,
    acceptedAt,
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Compares what the journal says with what the receiver got and what clients were told. */
export function audit(books: Books): Account {
  const calls = new Map<string, EventView[]>();
  for (const entry of books.journal) calls.set(entry.callId, [...(calls.get(entry.callId) ?? []), entry]);
  const arrivals = Map.groupBy(books.arrivals, ({ callId }) => callId);
  const account: Account = { lost: [], reordered: [], renamed: [], withoutOneReport: [] };
  account.lost.push(...lostOfClients(books), ...unknownToJournal(books));
  for (const [callId, entries] of calls) {
    const arrived = arrivals.get(callId) ?? [];
    account.lost.push(...lostOfCall(entries, arrived));
    account.reordered.push(...reorderedIn(arrived));
    account.renamed.push(...renamedIn(entries, arrived));
    const reports = new Set(arrived.filter(isAcceptedReport).map(({ id }) => id));
    if (reports.size !== 1) account.withoutOneReport.push(`${callId} has ${reports.size} reports`);
  }
  return account;
}

function isAcceptedReport({ type, acceptedAt }: Arrival): boolean {
  return type === "end-of-call-report" && acceptedAt !== undefined;
}

/** What a client was told that it was done, and is not there. */
function lostOfClients({ journal, arrivals, acknowledged }: Books): string[] {
  const calls = new Set(journal.map(({ callId }) => callId));
  const words = new Set(journal.map(wordsIn));
  const ended = new Set(journal.filter(isEndByControl).map(({ callId }) => callId));
  const byCursor = new Map(journal.map((entry) => [entry.cursor, JSON.stringify(entry)]));
  const arrivedAgain = ({ id, after }: { id: string; after: number }): boolean =>
    arrivals.some((arrival, index) => index >= after && arrival.id === id);
  return [
    ...[...acknowledged.calls].filter((id) => !calls.has(id)).map((id) => `call ${id} is gone`),
    ...[...acknowledged.words]
      .filter((text) => !words.has(text))
      .map((text) => `“${text}” was heard, and is gone`),
    ...[...acknowledged.ended].filter((id) => !ended.has(id)).map((id) => `the end of ${id} is gone`),
    ...acknowledged.sentAgain
      .filter((each) => !arrivedAgain(each))
      .map(({ id }) => `${id} was to be sent again, and was not`),
    ...[...acknowledged.read]
      .filter(([cursor, text]) => byCursor.get(cursor) !== text)
      .map(([cursor, text]) => `a reader was given what is not there at ${cursor}: ${text.slice(0, 200)}`),
  ];
}

function isEndByControl({ data }: EventView): boolean {
  return data.type === "control-received" && data.control["type"] === "end";
}

function wordsIn({ data }: EventView): string | undefined {
  return data.type === "message-added" && data.message.role === "user" ? data.message.text : undefined;
}

/** What a receiver was told or asked, and the journal knows nothing of. */
function unknownToJournal({ journal, arrivals }: Books): string[] {
  const asked = journal.map(({ data }) => (data.type === "tool-requested" ? data.toolCallId : undefined));
  const known = new Set([...asked, ...journal.map(({ told }) => told?.id)]);
  const unknown = arrivals
    .filter(({ id }) => !known.has(id))
    .map(({ kind, id }) => `${kind} ${id} is not in the journal`);
  return [...new Set(unknown)];
}

/** Events that the receiver never took, and that were not superseded with an announcement. */
function lostOfCall(entries: readonly EventView[], arrived: readonly Arrival[]): string[] {
  const accepted = arrived.filter(({ acceptedAt }) => acceptedAt !== undefined);
  const taken = new Set(accepted.map(({ id }) => id));
  const announced = new Set(accepted.flatMap(({ missed }) => missed));
  return entries
    .flatMap(({ told }) => told ?? [])
    .filter(({ id }) => !taken.has(id))
    .filter(({ type, sequence }) => type !== "conversation-update" || !announced.has(sequence))
    .map(({ id, type }) => `${type} ${id} was never taken`);
}

/** Clocks and timers of the receiver may be so many ms apart. */
const timerSlackMs = 5;

/** Events that were first sent before the ones ahead had been taken, or announced as missed. */
function reorderedIn(arrived: readonly Arrival[]): string[] {
  const faults: string[] = [];
  const seen = new Set<number>();
  /** By sequence: since when it is taken. */
  const done = new Map<number, number>();
  for (const { kind, id, sequence, missed, at, acceptedAt } of arrived) {
    if (kind === "ask") continue;
    for (const one of missed) if (!done.has(one)) done.set(one, at);
    const isFirst = !seen.has(sequence) && !done.has(sequence);
    seen.add(sequence);
    const ahead = Array.from({ length: sequence - 1 }, (_, index) => done.get(index + 1));
    if (isFirst && ahead.some((since) => since === undefined || since > at + timerSlackMs))
      faults.push(`${id} came before its turn`);
    if (acceptedAt !== undefined) done.set(sequence, Math.min(acceptedAt, done.get(sequence) ?? acceptedAt));
  }
  return faults;
}

/** One event under two ids, one id for two contents, one thing told twice. */
function renamedIn(entries: readonly EventView[], arrived: readonly Arrival[]): string[] {
  const faults = new Set<string>();
  const ids = new Map<number, string>();
  const bodies = new Map<string, string>();
  for (const { kind, id, sequence, body } of arrived) {
    if (kind === "ask") continue;
    if ((ids.get(sequence) ?? id) !== id)
      faults.add(`event ${sequence} came as ${ids.get(sequence)} and as ${id}`);
    ids.set(sequence, id);
    if ((bodies.get(id) ?? body) !== body) faults.add(`${id} came with two contents`);
    bodies.set(id, body);
  }
  const once = entries.flatMap(onceOnly);
  for (const what of once)
    if (once.indexOf(what) !== once.lastIndexOf(what)) faults.add(`${what} was told twice`);
  return [...faults];
}

/** What there may be only one of in a call. */
function onceOnly(entry: EventView): string[] {
  const { callId, data } = entry;
  if (data.type === "status-changed") return [`${callId} ${data.status}`];
  if (data.type === "reported") return [`${callId} report`];
  const words = wordsIn(entry);
  return words === undefined ? [] : [`“${words}”`];
}

/** An account in one line, as the harness prints it. */
export function sumsOf({ lost, reordered, renamed, withoutOneReport }: Account): string {
  return `lost / reordered / duplicated under another id / calls without exactly one report: ${[lost, reordered, renamed, withoutOneReport].map(({ length }) => length).join(" / ")}`;
}
