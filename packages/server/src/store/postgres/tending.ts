import { systemClock } from "../../clock.ts";
import { numberOf } from "../columns.ts";
import { Database } from "./database.ts";
import { knownVersion, migrate, versionOf } from "./migrations.ts";

export { StoreError } from "../../store.ts";

/** What somebody who looks after a database wants to know of it. */
export type Looked = {
  /** Of the tables: what they are, and what this Offhook knows. */
  version: number;
  known: number;
  /** One way there and back. */
  answerMs: number;
  /** Servers that are there. */
  nodes: number;
};

/** Brings the tables of a database up to date, as a server does at its start. Fails with a {@link StoreError}. */
export async function migrateDatabase(url: string): Promise<{ from: number; to: number }> {
  const db = new Database(url, { clock: systemClock });
  try {
    return await migrate(db);
  } finally {
    await db.close();
  }
}

/** Looks at a database and changes nothing. Fails with a {@link StoreError} when it cannot be reached. */
export async function checkDatabase(url: string): Promise<Looked> {
  const db = new Database(url, { clock: systemClock });
  try {
    const version = await versionOf(db);
    const askedAt = systemClock.now();
    await db.all("SELECT 1");
    const answerMs = systemClock.now() - askedAt;
    const sql = "SELECT count(*) AS n FROM offhook.nodes WHERE alive_until > clock_timestamp()";
    const row = version === 0 ? undefined : await db.one(sql);
    return { version, known: knownVersion, answerMs, nodes: row === undefined ? 0 : numberOf(row, "n") };
  } finally {
    await db.close();
  }
}
