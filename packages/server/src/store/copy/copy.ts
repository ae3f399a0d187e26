import { StoreError } from "../../store.ts";
import type { Database } from "../postgres/database.ts";
import { begin, type Part, parts, type Place, type SourceRow } from "./parts.ts";
import type { Source } from "./source.ts";

/** Rows of one transaction. */
const pageMax = 1_000;

/** How far a copy has come: rows of a part, of about so many. */
export type Progress = { part: string; rows: number; of: number };

export type Copying = {
  source: Source;
  db: Database;
  tell: (progress: Progress) => void;
  /** Stops between two pages; what was copied stays, and the next try goes on from there. */
  signal: AbortSignal;
};

/**
 * Copies an embedded store into an empty PostgreSQL, without loss and with
 * the same positions. Each page and how far it came are one transaction, so
 * that it may be broken off at any moment and begun again. Answers whether
 * all is copied. Fails with a {@link StoreError} that says what to do.
 */
export async function copyStore({ source, db, tell, signal }: Copying): Promise<"copied" | "interrupted"> {
  await admit(source, db);
  for (const part of parts) {
    let { place, rows } = await placeOf(part, source, db);
    for (;;) {
      if (signal.aborted) return "interrupted";
      tell({ part: part.name, rows, of: source.counts.get(part.name) ?? 0 });
      const page = source.page(part, place, pageMax);
      if (page.rows.length === 0) break;
      await put({ part, source, db, place, ...page });
      place = page.next;
      rows += page.rows.length;
    }
  }
  await finish(source, db);
  return "copied";
}

/** Lets a copy in that begins in an empty database, or goes on with what it began. */
async function admit(source: Source, db: Database): Promise<void> {
  const begun = await db.one("SELECT source, state FROM offhook.copies LIMIT 1");
  if (begun === undefined) {
    const call = await db.one("SELECT 1 AS there FROM offhook.heads LIMIT 1");
    if (call !== undefined)
      throw new StoreError("unavailable", "The database holds calls already: copy into an empty one.");
  } else if (begun["source"] !== source.id) {
    const detail = "The database holds the copy of another store: copy into an empty one.";
    throw new StoreError("unavailable", detail);
  } else if (begun["state"] === "copied") {
    throw new StoreError("unavailable", "The store has been copied already: start the servers on it.");
  }
  for (const { name } of parts) {
    const sql = `INSERT INTO offhook.copies (source, part, after, rows, state) VALUES ($1, $2, $3, 0, 'copying')
      ON CONFLICT DO NOTHING`;
    await db.write(sql, source.id, name, begin);
  }
}

async function placeOf(part: Part, source: Source, db: Database): Promise<{ place: Place; rows: number }> {
  const sql = "SELECT after, rows FROM offhook.copies WHERE source = $1 AND part = $2";
  const row = await db.one(sql, source.id, part.name);
  if (row === undefined) throw new Error(`the copy of ${part.name} was never begun`);
  return { place: String(row["after"]), rows: Number(row["rows"]) };
}

type Page = { part: Part; source: Source; db: Database; place: Place; rows: SourceRow[]; next: Place };

/** Puts a page in its place; said twice, since the answer was lost, it changes nothing. */
async function put({ part, source, db, place, rows, next }: Page): Promise<void> {
  const sql = `WITH moved AS (UPDATE offhook.copies SET after = $5, rows = rows + $6
      WHERE source = $1 AND part = $2 AND after = $3 RETURNING 1), ${part.write}
    SELECT 1 AS done`;
  await db.write(sql, source.id, part.name, place, JSON.stringify(rows), next, rows.length);
}

/** From here on positions are given where the source has stopped, and servers may start. */
async function finish(source: Source, db: Database): Promise<void> {
  await db.write(
    `WITH last AS (SELECT coalesce(max(position), 0) AS entry FROM offhook.entries),
      tried AS (SELECT coalesce(max(number), 0) AS attempt FROM offhook.attempts)
    SELECT setval('offhook.positions', greatest(entry, $1::bigint, 1), greatest(entry, $1::bigint) > 0),
      setval('offhook.attempt_numbers', greatest(attempt, 1), attempt > 0) FROM last, tried`,
    source.lastPosition,
  );
  await db.write("UPDATE offhook.copies SET state = 'copied' WHERE source = $1", source.id);
}

/** What a comparison found: rows that are the same on both sides, and the first few that are not. */
export type Comparison = { same: number; differences: number; samples: string[] };

const samplesMax = 10;

/** Compares the two, row by row, in the order of the source. One that is broken off says nothing of what it has not seen. */
export async function compareStores({
  source,
  db,
  tell,
  signal,
}: Copying): Promise<Comparison | "interrupted"> {
  const found: Comparison = { same: 0, differences: 0, samples: [] };
  for (const part of parts) {
    let place = begin;
    let rows = 0;
    for (;;) {
      if (signal.aborted) return "interrupted";
      tell({ part: part.name, rows, of: source.counts.get(part.name) ?? 0 });
      const page = source.page(part, place, pageMax);
      if (page.rows.length === 0) break;
      compare(part, page.rows, { found, there: await db.all(part.find, JSON.stringify(page.rows)) });
      place = page.next;
      rows += page.rows.length;
    }
    await count(part, rows, { found, db });
  }
  return found;
}

function compare(
  part: Part,
  rows: readonly SourceRow[],
  { found, there }: { found: Comparison; there: readonly Record<string, unknown>[] },
): void {
  const keyOf = (row: Record<string, unknown>): string => JSON.stringify(part.keys.map((key) => row[key]));
  const byKey = new Map(there.map((row) => [keyOf(row), row]));
  for (const row of rows) {
    const other = byKey.get(keyOf(row));
    const isSame = other !== undefined && Object.keys(row).every((column) => row[column] === other[column]);
    if (isSame) found.same += 1;
    else note(found, `${part.name} ${keyOf(row)} ${other === undefined ? "is missing" : "differs"}`);
  }
}

/** What the copy has beyond the source is a difference too. */
async function count(
  part: Part,
  rows: number,
  { found, db }: { found: Comparison; db: Database },
): Promise<void> {
  const row = await db.one(`SELECT count(*) AS n FROM offhook.${part.table}`);
  const more = Number(row?.["n"] ?? 0) - rows;
  if (more > 0) note(found, `${part.name}: ${more} more than in the source`);
}

function note(found: Comparison, what: string): void {
  found.differences += 1;
  if (found.samples.length < samplesMax) found.samples.push(what);
}
