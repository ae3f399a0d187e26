import {
  type AssistantBody,
  type Attempt,
  type AttemptOutcome,
  type Call,
  type CallId,
  type Delivery,
  eventId,
  type Happening,
  type HappeningType,
  type TeamId,
  tellOf,
} from "@offhook/protocol";
import {
  type Activity,
  type Commit,
  type DeliveriesFilter,
  type Destination,
  type Document,
  firstEpoch,
  type LaneRow,
  type OpenJournal,
  type Settlement,
  type StoredEntry,
} from "../store.ts";

/**
 * What engines keep: texts and numbers. It is what crosses to the thread of
 * the embedded one, where copying JSON text is much cheaper than copying the
 * objects it stands for.
 */
export type EntryRow = { seq: number; at: number; sequence: number | null; type: string; body: string };
export type CommitRow = {
  teamId: string;
  callId: string;
  epoch: number;
  assistantId: string | null;
  status: string;
  phase: string;
  createdAt: number;
  /** Null when it is as it was written last. */
  call: string | null;
  entries: EntryRow[];
  /** The last sequence written, and the last of a conversation-update; 0 when there is none. */
  last: number;
  lastConversation: number;
  at: number;
};
export type OpeningRow = CommitRow & { call: string; destination: string | null; assistant: string };
export type StoredRow = EntryRow & { position: number; teamId: string; callId: string };
export type LaneText = Omit<LaneRow, "destination" | "missed" | "again" | "teamId" | "callId"> & {
  teamId: string;
  callId: string;
  missed: string;
  again: string;
};
export type SettlementRow = Omit<Settlement, "callId" | "missed" | "log"> & {
  callId: string;
  missed: string;
  log: { sequence: number; at: number; body: string }[];
};
/** What an append answers. */
export type Appended = { position: number; lane: LaneText | null };
export type DocumentRow = Omit<Document, "body"> & { body: string };

export function commitRow(commit: Commit, call: string | null): CommitRow {
  const { call: of, entries } = commit;
  const row: CommitRow = {
    teamId: commit.teamId,
    callId: commit.callId,
    epoch: commit.epoch,
    assistantId: of.assistantId,
    status: of.status,
    phase: commit.phase,
    createdAt: Date.parse(of.createdAt),
    call,
    entries: [],
    last: 0,
    lastConversation: 0,
    at: entries.at(-1)?.at ?? 0,
  };
  for (const { seq, at, sequence, what } of entries) {
    row.entries.push({ seq, at, sequence, type: what.type, body: JSON.stringify(what) });
    if (sequence === null) continue;
    row.last = sequence;
    if (tellOf(what.type) === "conversation-update") row.lastConversation = sequence;
  }
  return row;
}

export function openingRow(opening: OpenJournal): OpeningRow {
  const destination = opening.destination === null ? null : JSON.stringify(opening.destination);
  const call = JSON.stringify(opening.call);
  return {
    ...commitRow({ ...opening, epoch: firstEpoch }, call),
    call,
    destination,
    assistant: JSON.stringify(opening.assistant),
  };
}

export function storedEntry(row: StoredRow): StoredEntry {
  const { position, seq, at, sequence } = row;
  const what = JSON.parse(row.body) as Happening;
  return { position, teamId: row.teamId as TeamId, callId: row.callId as CallId, seq, at, sequence, what };
}

export function laneRow(text: LaneText, destination: Destination): LaneRow {
  const missed = numbers(text.missed);
  const again = numbers(text.again);
  return {
    ...text,
    teamId: text.teamId as TeamId,
    callId: text.callId as CallId,
    destination,
    missed,
    again,
  };
}

function numbers(text: string): number[] {
  if (text === "[]") return [];
  const list = JSON.parse(text) as number[];
  return list;
}

export function destinationOf(text: string): Destination {
  const destination = JSON.parse(text) as Destination;
  return destination;
}

export function settlementRow(settlement: Settlement): SettlementRow {
  const log = settlement.log.map(({ sequence, attempt }) => ({
    sequence,
    at: attempt.at,
    body: JSON.stringify(attempt),
  }));
  return { ...settlement, missed: JSON.stringify(settlement.missed), log };
}

export function callOf(text: string): Call {
  const call = JSON.parse(text) as Call;
  return call;
}

export function assistantOf(text: string): AssistantBody {
  const assistant = JSON.parse(text) as AssistantBody;
  return assistant;
}

export function attemptOf(text: string): Attempt {
  const attempt = JSON.parse(text) as Attempt;
  return attempt;
}

export function documentRow(document: Document): DocumentRow {
  return { ...document, body: JSON.stringify(document.body) };
}

export function documentOf(row: DocumentRow): Document {
  const body = JSON.parse(row.body) as Document["body"];
  return { ...row, body };
}

/** The words are those that we wrote. */
export function activityOf({ moments, attempts, ...rest }: ActivityRow): Activity {
  return {
    ...rest,
    moments: moments.map((moment) => ({ ...moment, type: moment.type as HappeningType })),
    attempts: attempts.map((attempt) => ({ ...attempt, outcome: attempt.outcome as AttemptOutcome })),
  };
}

export type DeliveryRow = Omit<Delivery, "id" | "type"> & { entryType: string };

/** Raw moments of a period, as rows; the port gives them their types. */
export type ActivityRow = {
  since: number;
  live: number;
  waiting: { events: number; calls: number; oldestAt: number | null };
  moments: { type: string; at: number; firstMs: number | null; wholeMs: number | null }[];
  attempts: { at: number; outcome: string; elapsedMs: number; url: string }[];
};

/** A filter whose type of event is said as the types of entries that are told so, a JSON list. */
export type DeliveriesQuery = Omit<DeliveriesFilter, "type"> & { types: string | null };

export function deliveryOf({ entryType, ...row }: DeliveryRow): Delivery {
  const type = tellOf(entryType as HappeningType);
  if (type === undefined) throw new Error(`${entryType} is not told to an application`);
  return { id: eventId(row.callId as CallId, row.sequence), type, ...row };
}
