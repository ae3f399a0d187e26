import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { migrate } from "../sqlite/migrations.ts";
import { type Part, parts, type Place, type SourceRow } from "./parts.ts";

/** The embedded store, as it is copied from. */
export type Source = {
  /** Which store it is: the same for each try at copying it. */
  id: string;
  /** How many rows of each part there are, about. */
  counts: ReadonlyMap<string, number>;
  /** The days on which calls began, in days since 1970; only so many are told. */
  days: readonly number[];
  /** The last position that was ever given. */
  lastPosition: number;
  /** The rows of a part after a place, so many at most, and the place after them. */
  page(part: Part, after: Place, limit: number): { rows: SourceRow[]; next: Place };
  close(): void;
};

const dayMs = 86_400_000;
/** Calls of more days have their rows in the default parts. */
const daysMax = 1_000;

export function openSource(path: string): Source {
  const db = new DatabaseSync(path);
  migrate(db);
  const kept = db.prepare("SELECT name, value FROM secrets ORDER BY name").all();
  const id = createHash("sha256").update(JSON.stringify(kept)).digest("base64url");
  const counts = new Map(
    parts.map(({ name, table }) => {
      const row = db.prepare(`SELECT count(*) AS n FROM ${table}`).get();
      return [name, Number(row?.["n"] ?? 0)] as const;
    }),
  );
  const given = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").get();
  const days = db.prepare(
    `SELECT DISTINCT created_at / ${dayMs} AS day FROM calls ORDER BY 1 LIMIT ${daysMax}`,
  );
  return {
    id,
    days: days.all().map((row) => Number(row["day"])),
    counts,
    lastPosition: Number(given?.["seq"] ?? 0),
    page(part, after, limit) {
      const key = JSON.parse(after) as (string | number)[] | null;
      const from = key ?? part.keys.map(() => null);
      const rows = db.prepare(part.read).all(...from, limit);
      const last = rows.at(-1);
      const next = last === undefined ? after : JSON.stringify(part.keys.map((column) => last[column]));
      return { rows, next };
    },
    close: () => db.close(),
  };
}
