import type { DeliveryState } from "@offhook/protocol";
import type { DeliveriesQuery, DeliveryRow } from "../rows.ts";
import { numberOf, textOf } from "../columns.ts";
import { deliveryOf } from "../read-rows.ts";
import type { Statements } from "./statements.ts";

/** What became of each told entry: read from the lane and what was given up, not stored for each. */
const columns = `
  e.call_id, e.sequence, e.type, e.at, e.position,
  CASE
    WHEN l.again <> '[]' AND EXISTS (SELECT 1 FROM json_each(l.again) WHERE value = e.sequence) THEN 'retrying'
    WHEN g.recovered_at IS NOT NULL THEN 'delivered'
    WHEN g.state IS NOT NULL THEN g.state
    WHEN e.sequence <= l.settled THEN 'delivered'
    WHEN e.sequence = l.settled + 1 AND l.attempts > 0 THEN 'retrying'
    ELSE 'pending'
  END AS state,
  (SELECT count(*) FROM attempts a WHERE a.position = e.position) AS attempts,
  CASE WHEN e.sequence = coalesce(l.again ->> 0, l.settled + 1) THEN l.due_at END AS next_at,
  g.reason`;

/** Where to begin: in a store of a million events few are dead or on their way, and those are found by themselves. */
const fromEvents = `entries e JOIN lanes l ON l.call_id = e.call_id
  LEFT JOIN given_up g ON g.call_id = e.call_id AND g.sequence = e.sequence
  WHERE e.sequence IS NOT NULL AND e.team_id = ?1`;
/** The plus keeps the index of the team out: a call's own is the better one. */
const fromCall = `${fromEvents.replace("e.team_id", "+e.team_id")} AND e.call_id = ?2`;
const fromGivenUp = `given_up g CROSS JOIN lanes l ON l.call_id = g.call_id
  CROSS JOIN entries e ON e.call_id = g.call_id AND e.seq >= g.sequence AND e.sequence = g.sequence
  WHERE g.team_id = ?1 AND g.state = ?3`;
const fromLanes = `lanes l CROSS JOIN entries e ON e.call_id = l.call_id AND e.sequence IS NOT NULL
    AND e.seq > CASE l.again WHEN '[]' THEN l.settled ELSE 0 END
  LEFT JOIN given_up g ON g.call_id = e.call_id AND g.sequence = e.sequence
  WHERE l.due_at IS NOT NULL AND l.team_id = ?1`;

const sources: Record<DeliveryState, string> = {
  pending: fromLanes,
  retrying: fromLanes,
  delivered: fromEvents,
  superseded: fromGivenUp,
  dead: fromGivenUp,
};

const conditions = `(?2 IS NULL OR e.call_id = ?2)
  AND (?4 IS NULL OR e.type IN (SELECT value FROM json_each(?4)))
  AND (?5 IS NULL OR e.at >= ?5) AND (?6 IS NULL OR e.at <= ?6)
  AND (?7 IS NULL OR e.call_id IN (SELECT call_id FROM calls WHERE team_id = ?1 AND assistant_id = ?7))`;

/** Where a list goes on: behind an event, found by its call and sequence. */
const behind = `AND e.position < (SELECT position FROM entries WHERE call_id = ?8 AND seq >= ?9 AND sequence = ?9)`;

/** More are not counted: a filter that few events fit, or none, would read them all twice. */
const countedMax = 10_000;

export function listDeliveries(
  db: Statements,
  filter: DeliveriesQuery,
): { deliveries: DeliveryRow[]; totalCount: number } {
  const { callId = null, state = null } = filter;
  const source = callId !== null ? fromCall : state === null ? fromEvents : sources[state];
  const chosen = (place: string): string =>
    `FROM (SELECT ${columns} FROM ${source} AND ${conditions} ${place}) WHERE ?3 IS NULL OR state = ?3`;
  const values = [
    filter.teamId,
    callId,
    state,
    filter.types,
    filter.from ?? null,
    filter.to ?? null,
    filter.assistantId ?? null,
  ];
  const count = db.one(`SELECT count(*) AS n FROM (SELECT 1 ${chosen("")} LIMIT ?8)`, ...values, countedMax);
  const order = callId === null ? "position DESC" : "position";
  const { before, limit, offset } = filter;
  const rows =
    before === undefined
      ? db.all(`SELECT * ${chosen("")} ORDER BY ${order} LIMIT ?8 OFFSET ?9`, ...values, limit, offset)
      : db.all(
          `SELECT * ${chosen(behind)} ORDER BY ${order} LIMIT ?10 OFFSET ?11`,
          ...values,
          before.callId,
          before.sequence,
          limit,
          offset,
        );
  return { deliveries: rows.map(deliveryOf), totalCount: count === undefined ? 0 : numberOf(count, "n") };
}

export function findDelivery(
  db: Statements,
  query: { teamId: string; callId: string; sequence: number },
): DeliveryRow | null {
  const row = db.one(
    `SELECT ${columns} FROM ${fromEvents} AND e.call_id = ?2 AND e.seq >= ?3 AND e.sequence = ?3 LIMIT 1`,
    query.teamId,
    query.callId,
    query.sequence,
  );
  return row === undefined ? null : deliveryOf(row);
}

export function attemptsOf(
  db: Statements,
  query: { callId: string; sequence: number; limit: number },
): string[] {
  return db
    .all(
      `SELECT body FROM attempts WHERE position =
         (SELECT position FROM entries WHERE call_id = ? AND seq >= ? AND sequence = ?2 ORDER BY seq LIMIT 1)
       ORDER BY rowid LIMIT ?`,
      query.callId,
      query.sequence,
      query.limit,
    )
    .map((row) => textOf(row, "body"));
}
