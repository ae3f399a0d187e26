import { existsSync } from "node:fs";
import { systemClock } from "../../clock.ts";
import { StoreError } from "../../store.ts";
import { Database } from "../postgres/database.ts";
import { makeDays } from "../postgres/days.ts";
import { migrate } from "../postgres/migrations.ts";
import { lockFolder } from "../sqlite/sqlite-store.ts";
import { type Comparison, compareStores, copyStore, type Progress } from "./copy.ts";
import { openSource } from "./source.ts";

export type { Comparison, Progress } from "./copy.ts";
export { StoreError } from "../../store.ts";

export type CopyOrder = {
  /** The file of the embedded store; no server may be running on it. */
  path: string;
  /** Where it goes: `postgres://…`. */
  url: string;
  /** Whether to copy, or to compare what was copied before. */
  what: "copy" | "compare";
  tell: (progress: Progress) => void;
  signal: AbortSignal;
};

/** Copies an embedded store into PostgreSQL, or compares the two. Fails with a {@link StoreError} that says what to do. */
export async function runCopy(order: CopyOrder): Promise<"copied" | "interrupted" | Comparison> {
  const { path, url, what, tell, signal } = order;
  if (!existsSync(path)) {
    throw new StoreError("unavailable", `There is no store at ${path}: say where it is with --data.`);
  }
  const release = lockFolder(path);
  const db = new Database(url, { clock: systemClock });
  const source = openSource(path);
  try {
    await migrate(db);
    await makeDays(db, source.days);
    const copying = { source, db, tell, signal };
    return what === "copy" ? await copyStore(copying) : await compareStores(copying);
  } finally {
    source.close();
    await db.close();
    release();
  }
}
