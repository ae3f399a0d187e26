import type { Forgotten } from "../../store.ts";
import { numberOf, type Row } from "../columns.ts";
import type { Database } from "./database.ts";
import { failureOf } from "./refusal.ts";

const dayMs = 86_400_000;
/** Parts are made so many days ahead, and looked after so often. */
const aheadDays = 3;
const everyMs = 3_600_000;

/** Keeps parts of the tables ready for the days to come. Where it cannot, the default parts serve. */
export class Days {
  readonly #db: Database;
  #nextAt = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  /** `now` is the database's time. What is held by somebody is made the next time. */
  async prepare(now: number): Promise<void> {
    if (now < this.#nextAt) return;
    this.#nextAt = now + everyMs;
    const today = Math.floor(now / dayMs);
    for (let day = today; day <= today + aheadDays; day += 1)
      await unlessHeld(this.#db.writeOnce("SELECT offhook.make_day_1($1)", dateOf(day)));
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

/** A day that somebody reads for long is left for later, and its calls go one by one: meanwhile all would wait. */
async function wholeDay(db: Database, before: number): Promise<Forgotten | undefined> {
  const sql = "SELECT * FROM offhook.forget_day_1($1)";
  const [row] = await unlessHeld(db.writeOnce(sql, dateOf(Math.floor(before / dayMs))));
  return row && forgottenOf(row);
}

async function unlessHeld(asked: Promise<Row[]>): Promise<Row[]> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Error && failureOf(error.cause) === "undone") return [];
    throw error;
  }
}

function forgottenOf(row: Row | undefined): Forgotten {
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
