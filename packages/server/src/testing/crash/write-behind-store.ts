import { copyFile, rm } from "node:fs/promises";
import { sleep, systemClock } from "../../clock.ts";
import type { Store } from "../../store.ts";
import { openLocalStore, openSqliteStore } from "../../store/sqlite/sqlite-store.ts";

/** So long after it has answered it commits. */
const behindMs = 60;

const writes = [
  "openJournal",
  "append",
  "settle",
  "sendAgain",
  "saveDocument",
  "deleteDocument",
  "saveKey",
  "deleteKey",
  "keepSecret",
  "check",
  "forget",
] as const satisfies readonly (keyof Store)[];

/**
 * A broken store, to prove that the crash harness sees it: it answers from a
 * copy, and writes to the real file a little later, in order. Whoever kills it
 * between the two takes away what was acknowledged.
 */
export async function openWriteBehindStore(path: string): Promise<Store> {
  const real = await openSqliteStore(path);
  await real.countKeys();
  const copy = `${path}.copy`;
  for (const suffix of ["", "-wal"]) {
    await rm(copy + suffix, { force: true });
    await copyFile(path + suffix, copy + suffix).catch(() => undefined);
  }
  await rm(`${copy}-shm`, { force: true });
  const front = openLocalStore(copy);
  let last: Promise<unknown> = Promise.resolve();
  const get = (target: Store, name: string | symbol): unknown => {
    const method: unknown = Reflect.get(target, name);
    if (typeof method !== "function") return method;
    return (...given: unknown[]): unknown => {
      if (writes.some((write) => write === name)) {
        const due = sleep(systemClock, behindMs);
        const write = async (): Promise<void> => {
          await due;
          await Reflect.apply(Reflect.get(real, name) as () => Promise<unknown>, real, given);
        };
        last = last.then(write).catch(() => undefined);
      }
      if (name === "close") return last.then(() => Promise.all([front.close(), real.close()]));
      return Reflect.apply(method, target, given);
    };
  };
  return new Proxy(front, { get });
}
