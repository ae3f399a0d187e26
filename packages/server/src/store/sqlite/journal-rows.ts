import { type CallsFilter, firstEpoch } from "../../store.ts";
import { numberOf, textOf } from "../columns.ts";
import { storedOf } from "../read-rows.ts";
import type { Appended, CommitRow, OpeningRow, StoredRow } from "../rows.ts";
import { moveLast } from "./lane-rows.ts";
import type { Desk } from "./lanes-at-hand.ts";
import type { Statements } from "./statements.ts";

export function openJournal(db: Desk, row: OpeningRow): Appended {
  db.run(
    "INSERT INTO call_settings (call_id, assistant, destination) VALUES (?, ?, ?)",
    row.callId,
    row.assistant,
    row.destination,
  );
  db.lanes.drop(row.callId);
  if (row.destination !== null) {
    db.run(
      `INSERT INTO lanes (call_id, team_id, settled, last, last_conversation, attempts, missed, again)
       VALUES (?, ?, 0, 0, 0, 0, '[]', '[]')`,
      row.callId,
      row.teamId,
    );
  }
  db.run(
    `INSERT INTO calls (call_id, team_id, assistant_id, status, phase, created_at, body)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    row.callId,
    row.teamId,
    row.assistantId,
    row.status,
    row.phase,
    row.createdAt,
    row.call,
  );
  return addEntries(db, row);
}

export function append(db: Desk, row: CommitRow): Appended {
  if (row.call !== null) {
    db.run(
      "UPDATE calls SET status = ?, phase = ?, body = ? WHERE call_id = ?",
      row.status,
      row.phase,
      row.call,
      row.callId,
    );
  }
  return addEntries(db, row);
}

function addEntries(db: Desk, row: CommitRow): Appended {
  let position = 0;
  const before = db.lanes.find(db, row.callId);
  for (const entry of row.entries) {
    const { rowid } = db.run(
      "INSERT INTO entries (team_id, call_id, seq, at, sequence, type, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
      row.teamId,
      row.callId,
      entry.seq,
      entry.at,
      entry.sequence,
      entry.type,
      entry.body,
    );
    if (position === 0) position = rowid;
    if (entry.sequence !== null) db.lanes.place(row.callId, entry.sequence, rowid);
  }
  return { position, lane: row.last > 0 ? moveLast(db, row) : before };
}

export function entriesOfCall(
  db: Statements,
  query: { callId: string; after: number; limit: number },
): StoredRow[] {
  return db
    .all(
      "SELECT * FROM entries WHERE call_id = ? AND seq > ? ORDER BY seq LIMIT ?",
      query.callId,
      query.after,
      query.limit,
    )
    .map(storedOf);
}

export function entriesOfTeam(
  db: Statements,
  query: { teamId: string; after: number; limit: number },
): StoredRow[] {
  return db
    .all(
      "SELECT * FROM entries WHERE team_id = ? AND position > ? ORDER BY position LIMIT ?",
      query.teamId,
      query.after,
      query.limit,
    )
    .map(storedOf);
}

export function lastPosition(db: Statements, _query: null): number {
  const row = db.one("SELECT seq FROM sqlite_sequence WHERE name = 'entries'");
  return row === undefined ? 0 : numberOf(row, "seq");
}

export function assistantOfCall(db: Statements, query: { callId: string }): string | null {
  const row = db.one("SELECT assistant FROM call_settings WHERE call_id = ?", query.callId);
  return row === undefined ? null : textOf(row, "assistant");
}

export function findCall(db: Statements, query: { teamId: string; callId: string }): string | null {
  const row = db.one("SELECT body FROM calls WHERE call_id = ? AND team_id = ?", query.callId, query.teamId);
  return row === undefined ? null : textOf(row, "body");
}

/** More are not counted: the list goes on all the same. */
const countedMax = 10_000;

export function listCalls(db: Statements, filter: CallsFilter): { calls: string[]; totalCount: number } {
  const chosen = conditionsOf(filter);
  const [where, values] = [sqlOf(chosen), valuesOf(chosen)];
  const count = db.one(
    `SELECT count(*) AS n FROM (SELECT 1 FROM calls WHERE ${where} LIMIT ?)`,
    ...values,
    countedMax,
  );
  const { before = null, teamId } = filter;
  const place = before === null ? [] : [behind(before, teamId)];
  const rows = db.all(
    `SELECT body FROM calls WHERE ${sqlOf([...chosen, ...place])}
     ORDER BY created_at DESC, call_id DESC LIMIT ? OFFSET ?`,
    ...valuesOf([...chosen, ...place]),
    filter.limit,
    filter.offset,
  );
  return {
    calls: rows.map((row) => textOf(row, "body")),
    totalCount: count === undefined ? 0 : numberOf(count, "n"),
  };
}

/** A condition that is only there when it is asked for, so that an index serves it. */
type Condition = { sql: string; values: (string | number)[] };

function conditionsOf({ teamId, from, to, status, assistantId }: CallsFilter): Condition[] {
  const given: [string, string | number | undefined][] = [
    ["team_id = ?", teamId],
    ["created_at >= ?", from],
    ["created_at <= ?", to],
    // Few are live among very many: they have an index of their own, which is used when this is said.
    [status === "finished" ? "status = ?" : "status = ? AND status <> 'finished'", status],
    ["assistant_id = ?", assistantId],
  ];
  return given.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, values: [value] }]));
}

function behind(callId: string, teamId: string): Condition {
  const sql =
    "(created_at, call_id) < (SELECT created_at, call_id FROM calls WHERE call_id = ? AND team_id = ?)";
  return { sql, values: [callId, teamId] };
}

function sqlOf(conditions: readonly Condition[]): string {
  return conditions.map(({ sql }) => sql).join(" AND ");
}

function valuesOf(conditions: readonly Condition[]): (string | number)[] {
  return conditions.flatMap(({ values }) => values);
}

/** The lock on the folder is the fence: whoever has it holds all calls. */
export function takeCalls(
  db: Statements,
  query: { after: string; limit: number },
): { callId: string; teamId: string; epoch: number }[] {
  return db
    .all(
      "SELECT call_id, team_id FROM calls WHERE phase <> 'closed' AND call_id > ? ORDER BY call_id LIMIT ?",
      query.after,
      query.limit,
    )
    .map((row) => ({
      callId: textOf(row, "call_id"),
      teamId: textOf(row, "team_id"),
      epoch: firstEpoch,
    }));
}
