import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { type Part, parts, type Place, type SourceRow } from "./parts.ts";

/** The embedded store, as it is copied from: read only. */
export type Source = {
  /** Which store it is: the same for each try at copying it. */
  id: string;
  /** How many rows of each part there are, about. */
  counts: ReadonlyMap<string, number>;
  /** The last position that was ever given. */
  lastPosition: number;
  /** The rows of a part after a place, so many at most, and the place after them. */
  page(part: Part, after: Place, limit: number): { rows: SourceRow[]; next: Place };
  close(): void;
};

export function openSource(path: string): Source {
  const db = new DatabaseSync(path, { readOnly: true });
  const kept = db.prepare("SELECT name, value FROM secrets ORDER BY name").all();
  const id = createHash("sha256").update(JSON.stringify(kept)).digest("base64url");
  const counts = new Map(
    parts.map(({ name, table }) => {
      const row = db.prepare(`SELECT count(*) AS n FROM ${table}`).get();
      return [name, Number(row?.["n"] ?? 0)] as const;
    }),
  );
  const given = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'entries'").get();
  return {
    id,
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

