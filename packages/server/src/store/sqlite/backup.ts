import { existsSync, rmSync } from "node:fs";
import { link } from "node:fs/promises";
import { backup, DatabaseSync } from "node:sqlite";
import { StoreError } from "../../store.ts";
import { refusalOf } from "./refusal.ts";

/**
 * Copies the embedded store at `path` into a new file, whole and as it was at
 * one moment, while a server may go on writing to it. The file is there under
 * its name only when all of it is on disk. Fails with a {@link StoreError}
 * that says what to do; a file of that name stays as it is.
 */
export async function backupStore(path: string, to: string): Promise<void> {
  if (!existsSync(path)) {
    const detail = `There is no store at ${path}: name its folder with --data, or in OFFHOOK_DATA.`;
    throw new StoreError("unavailable", detail);
  }
  refuseIfThere(to);
  const partial = `${to}.partial`;
  rmSync(partial, { force: true });
  try {
    await copyWhole(path, partial);
    // Unlike a rename, it fails when somebody has made the file meanwhile.
    await link(partial, to);
  } catch (error) {
    refuseIfThere(to);
    throw storeErrorOf(error);
  } finally {
    rmSync(partial, { force: true });
  }
}

/** More pages than a database has: all are copied in one step, and so in one reading transaction. In several it would begin anew at each write of the server. */
const allPages = 2_147_483_647;

async function copyWhole(path: string, to: string): Promise<void> {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    await backup(database, to, { rate: allPages });
  } finally {
    database.close();
  }
}

function refuseIfThere(to: string): void {
  if (existsSync(to)) throw new StoreError("unavailable", `${to} is there already: name a new file.`);
}

function storeErrorOf(error: unknown): StoreError {
  const message = error instanceof Error ? error.message : String(error);
  const errcode = error instanceof Error && "errcode" in error ? Number(error.errcode) : 0;
  return refusalOf({ message, errcode });
}
