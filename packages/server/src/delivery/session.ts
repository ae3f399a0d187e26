import { eventId, readEntry, type Reading, tellOf, type TellType } from "@offhook/protocol";
import type { LaneRow, Store, StoredEntry } from "../store.ts";
import { headOf } from "./lane.ts";
import { messageOf } from "./message.ts";

/** What a call hands over when it has written: its lane, its entries, and the reading before them. */
export type Handover = { lane: LaneRow; before: Reading | undefined; entries: readonly StoredEntry[] };

/** An event ready to be sent: the same bytes at every attempt. */
export type Letter = {
  id: string;
  sequence: number;
  /** Epoch ms of the happening that it tells of. */
  at: number;
  tell: TellType;
  body: string;
  /** Attempts that were made before it was sent again; 0 for a new event. */
  attemptsBefore: number;
};

/** A lane that is being worked: its place in the journal, and what is to be read next. */
export type Session = {
  row: LaneRow;
  reading: Reading | undefined;
  /** Entries after the reading that are at hand; the rest are read from the store. */
  ahead: StoredEntry[];
  /** The event that is next in order; the reading has come to it. */
  letter: Letter | undefined;
  /** The old event that is sent again before it. */
  again: Letter | undefined;
};

const pageMax = 200;
const attemptsCountedMax = 1_000;
/** At most this many entries are kept at hand; more are read again from the store. */
const aheadMax = 500;

export function sessionOf(row: LaneRow): Session {
  return { row, reading: undefined, ahead: [], letter: undefined, again: undefined };
}

/** Begins from what a call hands over, without reading what it just wrote. */
export function sessionFrom({ lane, before, entries }: Handover): Session {
  const atHand = lane.settled >= (before?.sequence ?? 0) && lane.again.length === 0;
  return atHand
    ? { row: lane, reading: before, ahead: [...entries], letter: undefined, again: undefined }
    : sessionOf(lane);
}

/** Takes more entries, if they follow on those at hand. */
export function takeOver(session: Session, { lane, entries }: Handover): void {
  const { row } = session;
  session.row = {
    ...row,
    last: Math.max(row.last, lane.last),
    lastConversation: Math.max(row.lastConversation, lane.lastConversation),
    // The store may just have said that there was nothing more.
    dueAt: row.dueAt ?? lane.dueAt,
  };
  const [first] = entries;
  const lastSeq = session.ahead.at(-1)?.seq ?? session.reading?.seq;
  if (first?.seq === (lastSeq ?? 0) + 1 && session.ahead.length < aheadMax) session.ahead.push(...entries);
}

/** The event at the head of the lane; `undefined` when there is none. */
export async function nextLetter(store: Store, session: Session): Promise<Letter | undefined> {
  const head = headOf(session.row);
  if (head === undefined) return undefined;
  if (session.row.again.length === 0) {
    session.again = undefined;
    if (session.letter?.sequence !== head) session.letter = await readOn(store, session, head);
    return session.letter;
  }
  if (session.again?.sequence !== head) session.again = await letterAgain(store, session.row, head);
  return session.again;
}

async function readOn(store: Store, session: Session, head: number): Promise<Letter> {
  const { callId } = session.row;
  for (;;) {
    const entry = session.ahead.shift() ?? (await readAhead(store, session));
    if (entry === undefined) throw new Error(`event ${head} of call ${callId} is not in its journal`);
    session.reading = readEntry(session.reading, entry);
    if (entry.sequence === head) return letterOf(session.reading, entry, session.row);
  }
}

async function readAhead(store: Store, session: Session): Promise<StoredEntry | undefined> {
  const after = session.reading?.seq ?? 0;
  session.ahead = await store.entriesOfCall({ callId: session.row.callId, after, limit: pageMax });
  return session.ahead.shift();
}

/** An old event once more, read from the beginning of its journal. */
async function letterAgain(store: Store, row: LaneRow, sequence: number): Promise<Letter> {
  const missed = await store.missedBefore({ callId: row.callId, sequence });
  const attempts = await store.attemptsOf({ callId: row.callId, sequence, limit: attemptsCountedMax });
  const letter = await readOn(store, sessionOf({ ...row, missed }), sequence);
  return { ...letter, attemptsBefore: attempts.length };
}

function letterOf(reading: Reading, entry: StoredEntry, { callId, missed }: LaneRow): Letter {
  const tell = tellOf(entry.what.type);
  if (tell === undefined || entry.sequence === null)
    throw new Error(`entry ${entry.seq} of ${callId} is not told`);
  const message = messageOf(reading, entry, missed);
  return {
    id: eventId(callId, entry.sequence),
    sequence: entry.sequence,
    at: entry.at,
    tell,
    body: JSON.stringify({ message }),
    attemptsBefore: 0,
  };
}
