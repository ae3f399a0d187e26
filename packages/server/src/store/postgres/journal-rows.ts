import type { CallsFilter } from "../../store.ts";
import { numberOf, textOf } from "../columns.ts";
import { storedOf } from "../read-rows.ts";
import type { StoredRow } from "../rows.ts";
import { type Database, kept } from "./database.ts";

const columns = "position, team_id, call_id, seq, at, sequence, type, body";

export async function entriesOfCall(
  db: Database,
  query: { callId: string; after: number; limit: number },
): Promise<StoredRow[]> {
  const sql = `SELECT ${columns} FROM offhook.entries
    WHERE day = (SELECT day FROM offhook.heads WHERE call_id = $1) AND call_id = $1 AND seq > $2::bigint
    ORDER BY seq LIMIT $3`;
  return (await db.all(sql, kept(query.callId), query.after, query.limit)).map(storedOf);
}

export async function entriesOfTeam(
  db: Database,
  query: { teamId: string; after: number; limit: number },
): Promise<StoredRow[]> {
  const sql = `SELECT ${columns} FROM offhook.entries WHERE team_id = $1 AND position > $2
    ORDER BY position LIMIT $3`;
  return (await db.all(sql, kept(query.teamId), query.after, query.limit)).map(storedOf);
}

export async function lastPosition(db: Database): Promise<number> {
  const row = await db.one(
    "SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS n FROM offhook.positions",
  );
  return row === undefined ? 0 : numberOf(row, "n");
}

export async function assistantOfCall(db: Database, query: { callId: string }): Promise<string | null> {
  const sql = "SELECT assistant FROM offhook.call_settings WHERE call_id = $1";
  const row = await db.one(sql, kept(query.callId));
  return row === undefined ? null : textOf(row, "assistant");
}

export async function findCall(
  db: Database,
  query: { teamId: string; callId: string },
): Promise<string | null> {
  const sql = "SELECT body FROM offhook.calls WHERE call_id = $1 AND team_id = $2";
  const row = await db.one(sql, kept(query.callId), kept(query.teamId));
  return row === undefined ? null : textOf(row, "body");
}

/** More are not counted: the list goes on all the same. */
const countedMax = 10_000;

const listed = `FROM offhook.calls WHERE team_id = $1
  AND ($2::bigint IS NULL OR created_at >= $2) AND ($3::bigint IS NULL OR created_at <= $3)
  AND ($4::text IS NULL OR status = $4) AND ($5::text IS NULL OR assistant_id = $5)`;
/** Few are live among very many: they have an index of their own, which is used when this is said. */
const live = "AND status <> 'finished'";

export async function listCalls(
  db: Database,
  filter: CallsFilter,
): Promise<{ calls: string[]; totalCount: number }> {
  const { teamId, from = null, to = null, status = null, assistantId = null, before = null } = filter;
  const values = [kept(teamId), from, to, status, assistantId && kept(assistantId)];
  const chosen = status === null || status === "finished" ? listed : `${listed} ${live}`;
  const count = db.one(
    `SELECT count(*) AS n FROM (SELECT 1 ${chosen} LIMIT $6) AS found`,
    ...values,
    countedMax,
  );
  const rows = db.all(
    `SELECT body ${chosen} AND ($6::text IS NULL OR (created_at, call_id) <
       (SELECT b.created_at, b.call_id FROM offhook.calls b WHERE b.call_id = $6 AND b.team_id = $1))
     ORDER BY created_at DESC, call_id DESC LIMIT $7 OFFSET $8`,
    ...values,
    before && kept(before),
    filter.limit,
    filter.offset,
  );
  const [{ n } = { n: 0 }, found] = await Promise.all([count, rows]);
  return { calls: found.map((row) => textOf(row, "body")), totalCount: Number(n) };
}
