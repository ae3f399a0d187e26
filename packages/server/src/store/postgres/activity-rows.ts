import type { ActivityQuery } from "../../store.ts";
import { numberOf, numberOrNull, type Row, textOf } from "../columns.ts";
import type { ActivityRow } from "../rows.ts";
import { type Database, kept } from "./database.ts";
import { oldestOf } from "./upkeep-rows.ts";

export async function activity(db: Database, query: ActivityQuery): Promise<ActivityRow> {
  const [moments, attempts, live, waiting] = await Promise.all([
    latest(db, query, momentRows),
    latest(db, query, attemptRows),
    liveOf(db, query.teamId),
    waitingOf(db, query.teamId),
  ]);
  return {
    since: Math.max(query.from, moments.since, attempts.since),
    live,
    waiting,
    moments: moments.rows.flatMap(moment),
    attempts: attempts.rows.map((row) => ({
      at: numberOf(row, "at"),
      outcome: textOf(row, "outcome"),
      elapsedMs: numberOf(row, "elapsed_ms"),
      url: textOf(row, "url"),
    })),
  };
}

const momentRows = `SELECT position AS place, at, type, first_ms, whole_ms
  FROM offhook.entries WHERE team_id = $1 ORDER BY position DESC LIMIT $2`;
const attemptRows = `SELECT number AS place, at, outcome, elapsed_ms, url
  FROM offhook.attempts WHERE team_id = $1 ORDER BY number DESC LIMIT $2`;

/** The latest rows of a team, the oldest first, and from when on they are all; rows come in the order of time. */
async function latest(
  db: Database,
  { teamId, from, rowsMax }: ActivityQuery,
  sql: string,
): Promise<{ since: number; rows: Row[] }> {
  const found = await db.all(sql, kept(teamId), rowsMax);
  const rows = found.filter((row) => numberOf(row, "at") >= from).toReversed();
  const [oldest] = rows;
  const isAll = found.length < rowsMax || rows.length < found.length || oldest === undefined;
  return { since: isAll ? 0 : numberOf(oldest, "at"), rows };
}

const told = new Set(["turn-started", "model-answered", "tool-answered", "hang", "error"]);

function moment(row: Row): ActivityRow["moments"] {
  const type = textOf(row, "type");
  if (!told.has(type)) return [];
  const { at, firstMs, wholeMs } = {
    at: numberOf(row, "at"),
    firstMs: numberOrNull(row, "first_ms"),
    wholeMs: numberOrNull(row, "whole_ms"),
  };
  return [{ type, at, firstMs, wholeMs }];
}

async function liveOf(db: Database, teamId: string): Promise<number> {
  const sql = `SELECT count(*) AS n FROM offhook.calls c JOIN offhook.heads h USING (call_id)
    WHERE h.phase <> 'closed' AND c.team_id = $1 AND c.status <> 'finished'`;
  const row = await db.one(sql, kept(teamId));
  return row === undefined ? 0 : numberOf(row, "n");
}

async function waitingOf(db: Database, teamId: string): Promise<ActivityRow["waiting"]> {
  const row = await db.one(
    `SELECT count(*) AS calls, coalesce(sum(last - settled), 0)::bigint AS events, ${oldestOf} AS oldest
     FROM offhook.lanes l WHERE due_at IS NOT NULL AND team_id = $1`,
    kept(teamId),
  );
  if (row === undefined) throw new Error("a sum without a row");
  return {
    events: numberOf(row, "events"),
    calls: numberOf(row, "calls"),
    oldestAt: numberOrNull(row, "oldest"),
  };
}
