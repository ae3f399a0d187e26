import type { DeliveryState } from "@offhook/protocol";
import type { DeliveriesFilter } from "../../store.ts";
import type { DeliveryRow } from "./rows.ts";
import { numberOf, numberOrNull, type Row, type Statements, textOf, textOrNull } from "./statements.ts";

/** What became of each told entry: read from the lane and what was given up, not stored for each. */
const deliveries = `
  SELECT e.call_id, e.sequence, e.type, e.at, e.team_id, e.position,
    CASE
      WHEN EXISTS (SELECT 1 FROM json_each(l.again) WHERE value = e.sequence) THEN 'retrying'
      WHEN g.recovered_at IS NOT NULL THEN 'delivered'
      WHEN g.state IS NOT NULL THEN g.state
      WHEN e.sequence <= l.settled THEN 'delivered'
      WHEN e.sequence = l.settled + 1 AND l.attempts > 0 THEN 'retrying'
      ELSE 'pending'
    END AS state,
    (SELECT count(*) FROM attempts a WHERE a.position = e.position) AS attempts,
    CASE WHEN e.sequence = coalesce(l.again ->> 0, l.settled + 1) THEN l.due_at END AS next_at,
    g.reason
  FROM entries e
  JOIN lanes l ON l.call_id = e.call_id
  LEFT JOIN given_up g ON g.call_id = e.call_id AND g.sequence = e.sequence
  WHERE e.sequence IS NOT NULL`;

export function listDeliveries(
  db: Statements,
  filter: DeliveriesFilter,
): { deliveries: DeliveryRow[]; totalCount: number } {
  const chosen = `FROM (${deliveries} AND e.team_id = ?1 AND (?2 IS NULL OR e.call_id = ?2))
    WHERE ?3 IS NULL OR state = ?3`;
  const values = [filter.teamId, filter.callId ?? null, filter.state ?? null];
  const count = db.one(`SELECT count(*) AS n ${chosen}`, ...values);
  const order = filter.callId === undefined ? "position DESC" : "position";
  const rows = db.all(
    `SELECT * ${chosen} ORDER BY ${order} LIMIT ?4 OFFSET ?5`,
    ...values,
    filter.limit,
    filter.offset,
  );
  return { deliveries: rows.map(delivery), totalCount: count === undefined ? 0 : numberOf(count, "n") };
}

export function findDelivery(
  db: Statements,
  query: { teamId: string; callId: string; sequence: number },
): DeliveryRow | null {
  const row = db.one(
    `${deliveries} AND e.team_id = ? AND e.call_id = ? AND e.seq >= ? AND e.sequence = ?3 LIMIT 1`,
    query.teamId,
    query.callId,
    query.sequence,
  );
  return row === undefined ? null : delivery(row);
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

const states: readonly DeliveryState[] = ["pending", "retrying", "delivered", "superseded", "dead"];

function delivery(row: Row): DeliveryRow {
  const state = states.find((one) => one === row["state"]);
  if (state === undefined) throw new TypeError(`unknown state of a delivery: ${String(row["state"])}`);
  return {
    callId: textOf(row, "call_id"),
    sequence: numberOf(row, "sequence"),
    entryType: textOf(row, "type"),
    state,
    at: numberOf(row, "at"),
    attempts: numberOf(row, "attempts"),
    nextAt: numberOrNull(row, "next_at"),
    reason: textOrNull(row, "reason"),
  };
}
