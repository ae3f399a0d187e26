import type { CommitRow, LaneText, SettlementRow } from "../rows.ts";
import { Conflict } from "./refusal.ts";
import { numberOf, numberOrNull, type Row, textOf, textOrNull } from "../columns.ts";
import type { Statements } from "./statements.ts";

export function oneLane(db: Statements, callId: string): LaneText | null {
  const row = db.one("SELECT * FROM lanes WHERE call_id = ?", callId);
  return row === undefined ? null : lane(row);
}

/** Where a call's events go; written once. */
export function destinationOf(db: Statements, query: { callId: string }): string | null {
  const row = db.one("SELECT destination FROM call_settings WHERE call_id = ?", query.callId);
  return row === undefined ? null : textOrNull(row, "destination");
}

/** Moves the end of a lane to what was just written, and has it due if it was idle. */
export function moveLast(db: Statements, row: CommitRow): LaneText | null {
  const moved = db.one(
    `UPDATE lanes SET last = ?, last_conversation = max(last_conversation, ?), due_at = coalesce(due_at, ?)
     WHERE call_id = ? RETURNING *`,
    row.last,
    row.lastConversation,
    row.at,
    row.callId,
  );
  return moved === undefined ? null : lane(moved);
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
    .map((row) => ({ ...lane(row), destination: textOf(row, "destination") }));
}

export function nextDueAt(db: Statements, query: { now: number }): number | null {
  const row = db.one(
    "SELECT min(due_at) AS at FROM lanes WHERE due_at IS NOT NULL AND due_at > ?",
    query.now,
  );
  return row === undefined ? null : numberOrNull(row, "at");
}

export function settle(db: Statements, row: SettlementRow): LaneText | null {
  // First, for it fails when the lane is not where it was.
  const moved = move(db, row);
  const position = row.log.length > 0 ? positionsOf(db, row.callId) : undefined;
  for (const { sequence, at, body } of row.log) {
    const found = position?.(sequence);
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

/** Where an event of a call is. Its `seq` is at least its sequence, for what is not told counts too. */
function positionsOf(db: Statements, callId: string): (sequence: number) => number | undefined {
  return (sequence) => {
    const row = db.one(
      "SELECT position FROM entries WHERE call_id = ? AND seq >= ? AND sequence = ?2 ORDER BY seq LIMIT 1",
      callId,
      sequence,
    );
    return row === undefined ? undefined : numberOf(row, "position");
  };
}

function takeOffAgain(db: Statements, row: SettlementRow): void {
  const before = oneLane(db, row.callId);
  const listed = JSON.parse(before?.again ?? "[]") as number[];
  const again = listed.filter((sequence) => !row.againDone.includes(sequence));
  db.run("UPDATE lanes SET again = ? WHERE call_id = ?", JSON.stringify(again), row.callId);
}

function move(db: Statements, row: SettlementRow): LaneText {
  if (row.againDone.length > 0) takeOffAgain(db, row);
  const moved = db.one(
    `UPDATE lanes SET settled = ?1, attempts = ?2, missed = ?3, due_at = CASE
       WHEN again <> '[]' THEN ?4
       WHEN ?5 IS NOT NULL THEN ?5
       WHEN ?1 < last THEN ?4
     END
     WHERE call_id = ?6 AND settled = ?7 AND attempts = ?8 RETURNING *`,
    row.settled,
    row.attempts,
    row.missed,
    row.at,
    row.retryAt,
    row.callId,
    row.basedOn.settled,
    row.basedOn.attempts,
  );
  if (moved === undefined) throw new Conflict(`the lane of call ${row.callId} has moved on`);
  return lane(moved);
}

export function sendAgain(
  db: Statements,
  query: { callId: string; sequences: number[]; now: number },
): LaneText | null {
  const before = oneLane(db, query.callId);
  if (before === null) return null;
  const listed = JSON.parse(before.again) as number[];
  const known = query.sequences.filter((sequence) => sequence >= 1 && sequence <= before.settled);
  const again = [...new Set([...listed, ...known])].toSorted((one, other) => one - other);
  if (again.length === listed.length) return before;
  db.run(
    "UPDATE lanes SET again = ?, due_at = ? WHERE call_id = ?",
    JSON.stringify(again),
    query.now,
    query.callId,
  );
  return oneLane(db, query.callId);
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

function lane(row: Row): LaneText {
  return {
    teamId: textOf(row, "team_id"),
    callId: textOf(row, "call_id"),
    settled: numberOf(row, "settled"),
    last: numberOf(row, "last"),
    lastConversation: numberOf(row, "last_conversation"),
    attempts: numberOf(row, "attempts"),
    missed: textOf(row, "missed"),
    again: textOf(row, "again"),
    dueAt: numberOrNull(row, "due_at"),
  };
}
