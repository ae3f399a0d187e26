import type { ActivityQuery } from "../../store.ts";
import type { ActivityRow } from "../rows.ts";
import { numberOf, numberOrNull, type Row, textOf } from "../columns.ts";
import type { Statements } from "./statements.ts";

/** Rows come in the order in which they were written, which is that of time: the place of a moment is found by halving. */
function placeOf(
  db: Statements,
  table: "entries" | "attempts",
  from: number,
): { first: number; last: number } {
  const end = db.one(`SELECT coalesce(max(rowid), 0) AS n FROM ${table}`);
  const last = end === undefined ? 0 : numberOf(end, "n");
  let [low, high] = [0, last + 1];
  while (low + 1 < high) {
    const middle = Math.floor((low + high) / 2);
    const row = db.one(`SELECT at FROM ${table} WHERE rowid >= ? ORDER BY rowid LIMIT 1`, middle);
    if (row !== undefined && numberOf(row, "at") < from) low = middle;
    else high = middle;
  }
  return { first: high, last };
}

export function activity(db: Statements, query: ActivityQuery): ActivityRow {
  const moments = momentsOf(db, query);
  const attempts = attemptsIn(db, query);
  return {
    since: Math.max(query.from, moments.since, attempts.since),
    live: liveOf(db, query.teamId),
    waiting: waitingOf(db, query.teamId),
    moments: moments.rows,
    attempts: attempts.rows,
  };
}

function momentsOf(db: Statements, { teamId, from, rowsMax }: ActivityQuery) {
  const { first, last } = placeOf(db, "entries", from);
  const begin = Math.max(first, last - rowsMax + 1);
  const rows = db.all(
    `SELECT type, at, json_extract(body, '$.firstContentMs') AS first_ms,
       coalesce(json_extract(body, '$.totalMs'), json_extract(body, '$.elapsedMs')) AS whole_ms
     FROM entries WHERE position >= ? AND team_id = ?
       AND type IN ('turn-started', 'model-answered', 'tool-answered', 'hang', 'error')`,
    begin,
    teamId,
  );
  return { since: sinceOf(db, "entries", { begin, first }), rows: rows.map(moment) };
}

function moment(row: Row) {
  return {
    type: textOf(row, "type"),
    at: numberOf(row, "at"),
    firstMs: numberOrNull(row, "first_ms"),
    wholeMs: numberOrNull(row, "whole_ms"),
  };
}

function attemptsIn(db: Statements, { teamId, from, rowsMax }: ActivityQuery) {
  const { first, last } = placeOf(db, "attempts", from);
  const begin = Math.max(first, last - rowsMax + 1);
  const rows = db.all(
    `SELECT a.at, json_extract(a.body, '$.outcome', '$.elapsedMs', '$.request.url') AS told
     FROM attempts a CROSS JOIN entries e ON e.position = a.position WHERE a.rowid >= ? AND e.team_id = ?`,
    begin,
    teamId,
  );
  return {
    since: sinceOf(db, "attempts", { begin, first }),
    rows: rows.map((row) => {
      const [outcome, elapsedMs, url] = JSON.parse(textOf(row, "told")) as [string, number, string];
      return { at: numberOf(row, "at"), outcome, elapsedMs, url };
    }),
  };
}

/** From when on all rows were looked at; 0 when none was left out. */
function sinceOf(
  db: Statements,
  table: "entries" | "attempts",
  place: { begin: number; first: number },
): number {
  if (place.begin === place.first) return 0;
  const row = db.one(`SELECT at FROM ${table} WHERE rowid >= ? ORDER BY rowid LIMIT 1`, place.begin);
  return row === undefined ? 0 : numberOf(row, "at");
}

function liveOf(db: Statements, teamId: string): number {
  const sql =
    "SELECT count(*) AS n FROM calls WHERE phase <> 'closed' AND team_id = ? AND status <> 'finished'";
  const row = db.one(sql, teamId);
  return row === undefined ? 0 : numberOf(row, "n");
}

function waitingOf(db: Statements, teamId: string): ActivityRow["waiting"] {
  const row = db.one(
    `SELECT count(*) AS calls, coalesce(sum(last - settled), 0) AS events,
       min((SELECT at FROM entries e WHERE e.call_id = l.call_id AND e.seq > l.settled
            AND e.sequence = l.settled + 1 ORDER BY e.seq LIMIT 1)) AS oldest
     FROM lanes l WHERE due_at IS NOT NULL AND team_id = ?`,
    teamId,
  );
  if (row === undefined) throw new Error("a sum without a row");
  return {
    events: numberOf(row, "events"),
    calls: numberOf(row, "calls"),
    oldestAt: numberOrNull(row, "oldest"),
  };
}
