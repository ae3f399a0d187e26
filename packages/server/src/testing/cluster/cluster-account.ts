import type { EventView } from "@offhook/protocol";
import { type Account, audit, type Books } from "../crash/account.ts";
import type { Holding } from "./witness.ts";

/** What the harness wrote down while several servers were under load. */
export type ClusterBooks = Books & {
  /** In the order in which the store did it. */
  holdings: readonly Holding[];
  /** When it was signed, by its own words, and when it came; in epoch ms. */
  stamps: readonly { id: string; signedAt: number; at: number }[];
  /** Epoch ms. */
  begunAt: number;
  endedAt: number;
  /** Whether a call may end with its server. */
  callsMayBeLost: boolean;
};

/** What was wrong, in sentences, by what it breaks. */
export type ClusterAccount = Account & {
  gaps: string[];
  ownedTwice: string[];
  askedTwice: string[];
  skewed: string[];
  dropped: string[];
};

/** Compares what the journal says with what the store, the receiver and the clients saw. */
export function auditCluster(books: ClusterBooks): ClusterAccount {
  const { lost, ...account } = audit(books);
  return {
    ...account,
    lost: [...lost, ...passedOver(books)],
    gaps: gapsIn(books.journal),
    ownedTwice: ownedTwice(books.holdings),
    askedTwice: askedTwice(books),
    skewed: skewed(books),
    dropped: books.callsMayBeLost ? [] : droppedIn(books.journal),
  };
}

/** C6: entries that came to stand before one that a reader, who goes on from what it has, had read. */
function passedOver({ journal, acknowledged: { read } }: ClusterBooks): string[] {
  const readTo = Math.max(0, ...read.keys());
  return journal
    .filter(({ cursor }) => cursor <= readTo && !read.has(cursor))
    .map(({ cursor, callId, seq }) => `entry ${seq} of ${callId} at ${cursor} was passed over by a reader`);
}

/** C1 and C5: each call's entries are 1, 2, 3 … in the order of their positions. */
function gapsIn(journal: readonly EventView[]): string[] {
  const last = new Map<string, number>();
  const faults: string[] = [];
  for (const { callId, seq } of journal) {
    const expected = (last.get(callId) ?? 0) + 1;
    if (seq !== expected) faults.push(`entry ${seq} of ${callId} stands where ${expected} should`);
    last.set(callId, seq);
  }
  return faults;
}

/** C1 and C2: what was held by one and taken while that one was there, or written under an epoch that was over. */
function ownedTwice(holdings: readonly Holding[]): string[] {
  const faults: string[] = [];
  const last = new Map<string, Holding>();
  for (const now of holdings) {
    const { callId, holder, epoch, lastSeq, tookFrom } = now;
    const before = last.get(callId);
    last.set(callId, now);
    if (tookFrom === "there") faults.push(`${callId} was taken from a node that was there`);
    if (before === undefined) continue;
    if (epoch < before.epoch) faults.push(`${callId} went from epoch ${before.epoch} back to ${epoch}`);
    if (lastSeq < before.lastSeq)
      faults.push(`${callId} went from entry ${before.lastSeq} back to ${lastSeq}`);
    const isOther = holder !== null && before.holder !== null && holder !== before.holder;
    if (isOther && epoch === before.epoch) faults.push(`${callId} changed hands within epoch ${epoch}`);
  }
  return faults;
}

/** C7, and that what was answered once is not answered again. */
function askedTwice({ journal, arrivals }: ClusterBooks): string[] {
  const asks = arrivals.filter(({ kind }) => kind === "ask").map(({ id }) => id);
  const answers = journal.flatMap(({ data }) => (data.type === "tool-answered" ? [data.toolCallId] : []));
  return [
    ...twiceIn(asks).map((id) => `the tool call ${id} was sent twice`),
    ...twiceIn(answers).map((id) => `the tool call ${id} was answered twice`),
  ];
}

function twiceIn(ids: readonly string[]): string[] {
  const once = new Set<string>();
  const twice = new Set<string>();
  for (const id of ids) (once.has(id) ? twice : once).add(id);
  return [...twice];
}

/** Times may be so far from what they are, also of a node that stood still; a clock that is wrong is farther. */
const timeSlackMs = 60_000;

/** Times in the journal and in signatures that are not the store's. */
function skewed({ journal, stamps, begunAt, endedAt }: ClusterBooks): string[] {
  return [
    ...journal
      .filter(({ at }) => at < begunAt - timeSlackMs || at > endedAt + timeSlackMs)
      .map(({ callId, seq, at }) => `entry ${seq} of ${callId} is from ${new Date(at).toISOString()}`),
    ...stamps
      .filter(({ signedAt, at }) => Math.abs(signedAt - at) > timeSlackMs)
      .map(
        ({ id, signedAt, at }) =>
          `${id} was signed ${Math.round((signedAt - at) / 1_000)} s from when it came`,
      ),
  ];
}

/** Chats that did not outlive their server: the client of each meant to end it. */
function droppedIn(journal: readonly EventView[]): string[] {
  return journal.flatMap(({ callId, data }) =>
    data.type === "status-changed" && data.status === "finished" && data.endedReason !== "control-ended"
      ? [`${callId} ended as ${data.endedReason}`]
      : [],
  );
}

/** How long calls had nobody after something was done to their holder, in ms, by call: the time to take-over. */
export function takeOvers(holdings: readonly Holding[], harmedAt: readonly number[]): Map<string, number> {
  const times = new Map<string, number>();
  const last = new Map<string, Holding>();
  for (const now of holdings) {
    const before = last.get(now.callId);
    last.set(now.callId, now);
    const harm = harmedAt.findLast((at) => at <= now.at);
    if (before === undefined || harm === undefined || now.epoch === before.epoch) continue;
    const since = Math.max(harm, before.at);
    times.set(now.callId, Math.max(times.get(now.callId) ?? 0, Math.round(now.at - since)));
  }
  return times;
}
