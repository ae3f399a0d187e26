import type { DeliveryState } from "@offhook/protocol";
import { numberOf, textOf } from "../columns.ts";
import { deliveryOf } from "../read-rows.ts";
import type { DeliveriesQuery, DeliveryRow } from "../rows.ts";
import { type Database, kept } from "./database.ts";

/** What became of each told entry: read from the lane and what was given up, not stored for each. */
const columns = `
  e.call_id, e.sequence, e.type, e.at, e.position,
  CASE
    WHEN e.sequence = ANY (l.again) THEN 'retrying'
    WHEN g.recovered_at IS NOT NULL THEN 'delivered'
    WHEN g.state IS NOT NULL THEN g.state
    WHEN e.sequence <= l.settled THEN 'delivered'
    WHEN e.sequence = l.settled + 1 AND l.attempts > 0 THEN 'retrying'
    ELSE 'pending'
  END AS state,
  (SELECT count(*) FROM offhook.attempts a
    WHERE a.day = l.day AND a.call_id = e.call_id AND a.sequence = e.sequence) AS attempts,
  CASE WHEN e.sequence = coalesce(l.again[1], l.settled + 1) THEN l.due_at END AS next_at,
  g.reason`;

const given = "LEFT JOIN offhook.given_up g ON g.call_id = e.call_id AND g.sequence = e.sequence";

/** Where to begin: in a store of a million events few are dead or on their way, and those are found by themselves. */
const fromEvents = `offhook.entries e JOIN offhook.lanes l ON l.call_id = e.call_id AND l.day = e.day ${given}
  WHERE e.sequence IS NOT NULL AND e.team_id = $1`;
const fromCall = `offhook.lanes l JOIN offhook.entries e ON e.day = l.day AND e.call_id = l.call_id ${given}
  WHERE l.call_id = $2 AND l.team_id = $1 AND e.sequence IS NOT NULL`;
const fromGivenUp = `offhook.given_up g JOIN offhook.lanes l ON l.call_id = g.call_id
  JOIN offhook.entries e ON e.day = l.day AND e.call_id = g.call_id AND e.seq >= g.sequence
    AND e.sequence = g.sequence
  WHERE g.team_id = $1 AND g.state = $3`;
const fromLanes = `offhook.lanes l JOIN offhook.entries e ON e.day = l.day AND e.call_id = l.call_id
    AND e.sequence IS NOT NULL AND e.seq > CASE WHEN l.again = '{}' THEN l.settled ELSE 0 END ${given}
  WHERE l.due_at IS NOT NULL AND l.team_id = $1`;

const sources: Record<DeliveryState, string> = {
  pending: fromLanes,
  retrying: fromLanes,
  delivered: fromEvents,
  superseded: fromGivenUp,
  dead: fromGivenUp,
};

const conditions = `AND ($2::text IS NULL OR e.call_id = $2)
  AND ($4::text IS NULL OR e.type IN (SELECT json_array_elements_text($4::json)))
  AND ($5::bigint IS NULL OR e.at >= $5) AND ($6::bigint IS NULL OR e.at <= $6)
  AND ($7::text IS NULL OR e.call_id IN
    (SELECT c.call_id FROM offhook.calls c WHERE c.team_id = $1 AND c.assistant_id = $7))`;

/** Where a list goes on: behind an event, found by its call and sequence. */
const behind = `AND ($8::text IS NULL OR e.position < (SELECT b.position FROM offhook.entries b
    WHERE b.day = (SELECT day FROM offhook.heads WHERE call_id = $8) AND b.call_id = $8
      AND b.seq >= $9::bigint AND b.sequence = $9 ORDER BY b.seq LIMIT 1))`;

/** More are not counted: a filter that few events fit, or none, would read them all twice. */
const countedMax = 10_000;

export async function listDeliveries(
  db: Database,
  filter: DeliveriesQuery,
): Promise<{ deliveries: DeliveryRow[]; totalCount: number }> {
  const { callId = null, state = null, types, from = null, to = null, assistantId = null } = filter;
  const source = callId !== null ? fromCall : state === null ? fromEvents : sources[state];
  const chosen = (place: string): string =>
    `FROM (SELECT ${columns} FROM ${source} ${conditions} ${place}) AS d WHERE $3::text IS NULL OR d.state = $3`;
  const values = [kept(filter.teamId), callId && kept(callId), state, types, from, to];
  values.push(assistantId && kept(assistantId));
  const order = callId === null ? "position DESC" : "position";
  const { before, limit, offset } = filter;
  const [count, rows] = await Promise.all([
    db.one(`SELECT count(*) AS n FROM (SELECT 1 ${chosen("")} LIMIT $8) AS c`, ...values, countedMax),
    db.all(
      `SELECT * ${chosen(behind)} ORDER BY ${order} LIMIT $10 OFFSET $11`,
      ...values,
      before === undefined ? null : kept(before.callId),
      before?.sequence ?? null,
      limit,
      offset,
    ),
  ]);
  return { deliveries: rows.map(deliveryOf), totalCount: count === undefined ? 0 : numberOf(count, "n") };
}

export async function findDelivery(
  db: Database,
  query: { teamId: string; callId: string; sequence: number },
): Promise<DeliveryRow | null> {
  const sql = `SELECT ${columns} FROM ${fromCall} AND e.seq >= $3::bigint AND e.sequence = $3 ORDER BY e.seq LIMIT 1`;
  const row = await db.one(sql, kept(query.teamId), kept(query.callId), query.sequence);
  return row === undefined ? null : deliveryOf(row);
}

export async function attemptsOf(
  db: Database,
  query: { callId: string; sequence: number; limit: number },
): Promise<string[]> {
  const sql = `SELECT body FROM offhook.attempts
    WHERE day = (SELECT day FROM offhook.heads WHERE call_id = $1) AND call_id = $1 AND sequence = $2::bigint
    ORDER BY number LIMIT $3`;
  const rows = await db.all(sql, kept(query.callId), query.sequence, query.limit);
  return rows.map((row) => textOf(row, "body"));
}
