import type { Backlog, Forgotten } from "../../store.ts";
import { numberOf, numberOrNull, textOf } from "../columns.ts";
import type { Desk } from "./lanes-at-hand.ts";
import type { Statements } from "./statements.ts";

/** Writes something, each time something else. */
export function check(db: Statements, _query: null): null {
  db.run(
    `INSERT INTO secrets (name, value) VALUES ('check', '0')
     ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)`,
  );
  return null;
}

export function backlog(db: Statements, _query: null): Backlog {
  const row = db.one(
    `SELECT count(*) AS lanes, coalesce(sum(last - settled), 0) AS undelivered,
       coalesce(sum(attempts > 0), 0) AS blocked,
       min((SELECT at FROM entries e WHERE e.call_id = l.call_id AND e.seq > l.settled
            AND e.sequence = l.settled + 1 ORDER BY e.seq LIMIT 1)) AS oldest
     FROM lanes l WHERE due_at IS NOT NULL`,
  );
  if (row === undefined) throw new Error("a sum without a row");
  return {
    undelivered: numberOf(row, "undelivered"),
    lanes: numberOf(row, "lanes"),
    blocked: numberOf(row, "blocked"),
    oldestAt: numberOrNull(row, "oldest"),
  };
}

export function size(db: Statements, _query: null): number {
  const pages = db.one("PRAGMA page_count");
  const free = db.one("PRAGMA freelist_count");
  const bytes = db.one("PRAGMA page_size");
  if (pages === undefined || free === undefined || bytes === undefined) throw new Error("no size");
  return (numberOf(pages, "page_count") - numberOf(free, "freelist_count")) * numberOf(bytes, "page_size");
}

/** What a call has left besides its entries, table by table; attempts first, for they go by the entries. */
const remains = [
  "DELETE FROM attempts WHERE position IN (SELECT position FROM entries WHERE call_id = ?)",
  "DELETE FROM given_up WHERE call_id = ?",
  "DELETE FROM lanes WHERE call_id = ?",
  "DELETE FROM call_settings WHERE call_id = ?",
  "DELETE FROM calls WHERE call_id = ?",
] as const;

export function forget(db: Desk, query: { before: number; limit: number }): Forgotten {
  db.lanes.write(db);
  const old = db.all(
    `SELECT call_id FROM calls c WHERE phase = 'closed' AND created_at < ?
       AND NOT EXISTS (SELECT 1 FROM lanes l WHERE l.call_id = c.call_id AND l.due_at IS NOT NULL)
     ORDER BY created_at LIMIT ?`,
    query.before,
    query.limit,
  );
  const forgotten: Forgotten = { calls: old.length, entries: 0, deadLetters: 0 };
  for (const callId of old.map((row) => textOf(row, "call_id"))) {
    const dead = db.one(
      "SELECT count(*) AS n FROM given_up WHERE call_id = ? AND state = 'dead' AND recovered_at IS NULL",
      callId,
    );
    forgotten.deadLetters += dead === undefined ? 0 : numberOf(dead, "n");
    for (const sql of remains) db.run(sql, callId);
    db.lanes.drop(callId);
    forgotten.entries += db.run("DELETE FROM entries WHERE call_id = ?", callId).changes;
  }
  return forgotten;
}
