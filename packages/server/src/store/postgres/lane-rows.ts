import { numberOf, numberOrNull, textOf, textOrNull } from "../columns.ts";
import type { LaneText } from "../rows.ts";
import { type Database, kept } from "./database.ts";
import { laneOrNull, laneText } from "./lane-text.ts";
import type { Lease } from "./lease.ts";

export async function findLane(db: Database, query: { callId: string }): Promise<LaneText | null> {
  const sql = "SELECT row_to_json(l) AS lane FROM offhook.lanes l WHERE call_id = $1";
  return laneOrNull((await db.one(sql, kept(query.callId)))?.["lane"]);
}

/** Where a call's events go; written once. */
export async function destinationOf(db: Database, query: { callId: string }): Promise<string | null> {
  const sql = "SELECT destination FROM offhook.call_settings WHERE call_id = $1";
  const row = await db.one(sql, kept(query.callId));
  return row === undefined ? null : textOrNull(row, "destination");
}

type Due = { now: number; limit: number; after?: { dueAt: number; callId: string } };

export async function dueLanes(
  db: Database,
  lease: Lease,
  { now, limit, after }: Due,
): Promise<(LaneText & { destination: string })[]> {
  const rows = await db.write(
    "SELECT lane, destination FROM offhook.due_lanes_1($1, $2, $3, $4, $5, $6)",
    lease.nodeId,
    lease.delivers,
    now,
    after?.dueAt ?? -1,
    after?.callId ?? "",
    limit,
  );
  return rows.map((row) => ({ ...laneText(row["lane"]), destination: textOf(row, "destination") }));
}

export async function nextDueAt(db: Database, query: { now: number }): Promise<number | null> {
  const row = await db.one("SELECT min(due_at) AS at FROM offhook.lanes WHERE due_at > $1", query.now);
  return row === undefined ? null : numberOrNull(row, "at");
}

/** The largest number that a column of sequences holds. */
const sequenceMax = 2 ** 31 - 1;

export async function sendAgain(
  db: Database,
  lease: Lease,
  query: { callId: string; sequences: number[]; now: number },
): Promise<LaneText | null> {
  const [row] = await db.write(
    "SELECT offhook.send_again_1($1, $2, $3, $4, $5) AS lane",
    lease.nodeId,
    lease.delivers,
    kept(query.callId),
    query.sequences.filter((sequence) => sequence >= 1 && sequence <= sequenceMax),
    query.now,
  );
  return laneOrNull(row?.["lane"]);
}

export async function missedBefore(
  db: Database,
  query: { callId: string; sequence: number },
): Promise<number[]> {
  // In a run, the sequence and its place counted from the end have the same sum.
  const sql = `SELECT sequence FROM (
      SELECT sequence, sequence + row_number() OVER (ORDER BY sequence DESC) AS run
      FROM offhook.given_up WHERE call_id = $1 AND sequence < $2::bigint
    ) AS before WHERE run = $2 ORDER BY sequence`;
  return (await db.all(sql, kept(query.callId), query.sequence)).map((row) => numberOf(row, "sequence"));
}
