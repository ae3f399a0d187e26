import type { Backlog } from "../../store.ts";
import { numberOf, numberOrNull } from "../columns.ts";
import type { Database } from "./database.ts";

/** Writes something, each time something else. */
export async function check(db: Database): Promise<null> {
  await db.write(
    `INSERT INTO offhook.secrets AS s (name, value) VALUES ('check', '0')
     ON CONFLICT (name) DO UPDATE SET value = (s.value::bigint + 1)::text`,
  );
  return null;
}

/** When the first event was written that a lane has not settled. */
export const oldestOf = `min((SELECT e.at FROM offhook.entries e WHERE e.day = l.day AND e.call_id = l.call_id
  AND e.seq > l.settled AND e.sequence = l.settled + 1 ORDER BY e.seq LIMIT 1))`;

export async function backlog(db: Database): Promise<Backlog> {
  const row = await db.one(
    `SELECT count(*) AS lanes, coalesce(sum(last - settled), 0)::bigint AS undelivered,
       count(*) FILTER (WHERE attempts > 0) AS blocked, ${oldestOf} AS oldest
     FROM offhook.lanes l WHERE due_at IS NOT NULL`,
  );
  if (row === undefined) throw new Error("a sum without a row");
  return {
    undelivered: numberOf(row, "undelivered"),
    lanes: numberOf(row, "lanes"),
    blocked: numberOf(row, "blocked"),
    oldestAt: numberOrNull(row, "oldest"),
  };
}

/**
 * The bytes of what journals and attempts say, as it was written. The files
 * do not tell: they are packed, and keep the room of what was deleted.
 */
export async function size(db: Database): Promise<number> {
  const row = await db.one(
    `SELECT ((SELECT coalesce(sum(bytes), 0) FROM offhook.heads)
       + (SELECT coalesce(sum(bytes), 0) FROM offhook.lanes))::bigint AS bytes`,
  );
  return row === undefined ? 0 : numberOf(row, "bytes");
}
