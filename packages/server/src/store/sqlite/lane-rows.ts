import { numberOf, numberOrNull, textOf, textOrNull } from "../columns.ts";
import type { CommitRow, LaneText, SettlementRow } from "../rows.ts";
import { type Desk, laneOf } from "./lanes-at-hand.ts";
import { Conflict } from "./refusal.ts";
import type { Statements } from "./statements.ts";

export function oneLane(db: Statements, callId: string): LaneText | null {
  const row = db.one("SELECT * FROM lanes WHERE call_id = ?", callId);
  return row === undefined ? null : laneOf(row);
}

/** Where a call's events go; written once. */
export function destinationOf(db: Statements, query: { callId: string }): string | null {
  const row = db.one("SELECT destination FROM call_settings WHERE call_id = ?", query.callId);
  return row === undefined ? null : textOrNull(row, "destination");
}

/** Moves the end of a lane to what was just written, and has it due if it was idle. */
export function moveLast(db: Desk, row: CommitRow): LaneText | null {
  const lane = db.lanes.find(db, row.callId);
  if (lane === null) return null;
  return db.lanes.change(row.callId, {
    last: row.last,
    lastConversation: Math.max(lane.lastConversation, row.lastConversation),
    dueAt: lane.dueAt ?? row.at,
  });
}

export function dueLanes(
  db: Statements,
  query: { now: number; limit: number; after?: { dueAt: number; callId: string } },
): (LaneText & { destination: string })[] {
  const { now, limit, after } = query;
  return db
    .all(
      `SELECT lanes.*, destination FROM lanes JOIN call_settings USING (call_id)
       WHERE due_at IS NOT NULL AND due_at <= ? AND (due_at, call_id) > (?, ?)
       ORDER BY due_at, call_id LIMIT ?`,
      now,
      after?.dueAt ?? -1,
      after?.callId ?? "",
      limit,
    )
    .map((row) => ({ ...laneOf(row), destination: textOf(row, "destination") }));
}

export function nextDueAt(db: Statements, query: { now: number }): number | null {
  const row = db.one(
    "SELECT min(due_at) AS at FROM lanes WHERE due_at IS NOT NULL AND due_at > ?",
    query.now,
  );
  return row === undefined ? null : numberOrNull(row, "at");
}

export function settle(db: Desk, row: SettlementRow): LaneText | null {
  const places = placesOf(db, row);
  // First, for it fails when the lane is not where it was.
  const moved = move(db, row);
  for (const { sequence, at, body } of row.log) {
    const found = places.get(sequence);
    if (found !== undefined)
      db.run("INSERT INTO attempts (position, at, body) VALUES (?, ?, ?)", found, at, body);
  }
  for (const given of row.givenUp) {
    db.run(
      `INSERT INTO given_up (call_id, sequence, team_id, state, reason, at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (call_id, sequence) DO UPDATE SET reason = excluded.reason, at = excluded.at`,
      row.callId,
      given.sequence,
      moved.teamId,
      given.state,
      given.reason,
      row.at,
    );
  }
  for (const sequence of row.recovered) {
    db.run(
      "UPDATE given_up SET recovered_at = ? WHERE call_id = ? AND sequence = ?",
      row.at,
      row.callId,
      sequence,
    );
  }
  for (const { sequence, reason } of row.notRecovered) {
    db.run(
      "UPDATE given_up SET reason = ?, at = ? WHERE call_id = ? AND sequence = ? AND recovered_at IS NULL",
      reason,
      row.at,
      row.callId,
      sequence,
    );
  }
  return moved;
}

/** Where the events are that were attempted. */
function placesOf(db: Desk, { callId, log }: SettlementRow): Map<number, number> {
  const places = new Map<number, number>();
  for (const { sequence } of log) {
    const position = db.lanes.placeOf(callId, sequence) ?? positionOf(db, callId, sequence);
    if (position !== undefined) places.set(sequence, position);
  }
  return places;
}

/** Its `seq` is at least its sequence, for what is not told counts too. */
function positionOf(db: Statements, callId: string, sequence: number): number | undefined {
  const row = db.one(
    "SELECT position FROM entries WHERE call_id = ? AND seq >= ? AND sequence = ?2 ORDER BY seq LIMIT 1",
    callId,
    sequence,
  );
  return row === undefined ? undefined : numberOf(row, "position");
}

function move(db: Desk, row: SettlementRow): LaneText {
  const { callId, settled, attempts, missed, basedOn } = row;
  const lane = db.lanes.find(db, callId);
  if (lane === null || lane.settled !== basedOn.settled || lane.attempts !== basedOn.attempts)
    throw new Conflict(`the lane of call ${callId} has moved on`);
  const again = row.againDone.length > 0 ? without(lane.again, row.againDone) : lane.again;
  const whenMore = settled < lane.last ? row.at : null;
  const dueAt = again === nothing ? (row.retryAt ?? whenMore) : row.at;
  return db.lanes.change(callId, { settled, attempts, missed, again, dueAt });
}

/** A list as it is kept when there is nothing in it. */
const nothing = "[]";

function without(again: string, done: readonly number[]): string {
  const listed = JSON.parse(again) as number[];
  return JSON.stringify(listed.filter((sequence) => !done.includes(sequence)));
}

export function sendAgain(
  db: Desk,
  query: { callId: string; sequences: number[]; now: number },
): LaneText | null {
  const before = db.lanes.find(db, query.callId);
  if (before === null) return null;
  const listed = JSON.parse(before.again) as number[];
  const known = query.sequences.filter((sequence) => sequence >= 1 && sequence <= before.settled);
  const again = [...new Set([...listed, ...known])].toSorted((one, other) => one - other);
  if (again.length === listed.length) return before;
  return db.lanes.change(query.callId, { again: JSON.stringify(again), dueAt: query.now });
}

export function missedBefore(db: Statements, query: { callId: string; sequence: number }): number[] {
  const missed: number[] = [];
  for (let sequence = query.sequence - 1; sequence > 0; sequence -= 1) {
    const row = db.one(
      "SELECT 1 AS hit FROM given_up WHERE call_id = ? AND sequence = ?",
      query.callId,
      sequence,
    );
    if (row === undefined) break;
    missed.unshift(sequence);
  }
  return missed;
}
