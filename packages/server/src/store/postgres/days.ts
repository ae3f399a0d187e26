import type { Forgotten } from "../../store.ts";
import { numberOf } from "../columns.ts";
import type { Database } from "./database.ts";
import { failureOf } from "./refusal.ts";

const dayMs = 86_400_000;
/** Parts are made so many days ahead. */
const aheadDays = 3;

/** Keeps parts of the tables ready for the days to come. Where it cannot, the default parts serve. */
export class Days {
  readonly #db: Database;
  #ready = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Once a day, by the database's clock. */
  async prepare(now: number): Promise<void> {
    const today = Math.floor(now / dayMs);
    if (today <= this.#ready) return;
    this.#ready = today;
    for (let day = today; day <= today + aheadDays; day += 1)
      await this.#db.write("SELECT offhook.make_day_1($1)", dateOf(day));
  }
}

/** Makes the parts of days that have passed. */
export async function makeDays(db: Database, days: readonly number[]): Promise<void> {
  for (const day of days) await db.write("SELECT offhook.make_day_1($1)", dateOf(day));
}

/** Whole days first, which costs next to nothing, then one call after the other. */
export async function forget(
  db: Database,
  { before, limit }: { before: number; limit: number },
): Promise<Forgotten> {
  const day = await wholeDay(db, before);
  if (day !== undefined && day.calls > 0) return day;
  const [row] = await db.write("SELECT * FROM offhook.forget_calls_1($1, $2)", Math.round(before), limit);
  return forgottenOf(row);
}

/** A day whose parts somebody holds for long is left for later, and its calls go one by one. */
async function wholeDay(db: Database, before: number): Promise<Forgotten | undefined> {
  try {
    const sql = "SELECT * FROM offhook.forget_day_1($1)";
    const [row] = await db.write(sql, dateOf(Math.floor(before / dayMs)));
    return row && forgottenOf(row);
  } catch (error) {
    if (error instanceof Error && failureOf(error.cause) === "undone") return undefined;
    throw error;
  }
}

function forgottenOf(row: Record<string, unknown> | undefined): Forgotten {
  if (row === undefined) throw new Error("forgetting without an answer");
  return {
    calls: numberOf(row, "calls"),
    entries: numberOf(row, "entries"),
    deadLetters: numberOf(row, "dead_letters"),
  };
}

function dateOf(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}
