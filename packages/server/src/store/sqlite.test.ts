import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Store, StoreError } from "../store.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { keyBytes, openSeal } from "./seal.ts";
import { sealedStore } from "./sealed-store.ts";
import { openLocalStore, openSqliteStore } from "./sqlite/sqlite-store.ts";
import { storeContract } from "./testing/contract.ts";
import type { OpenedStore } from "./testing/opened.ts";
import { becomes, SampleJournal, spoken } from "./testing/samples.ts";

let folder = "";
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "offhook-store-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function freshPath(): string {
  files += 1;
  return join(folder, String(files), "offhook.db");
}

storeContract("the store in memory, on the caller's thread", async () => {
  const store = openLocalStore();
  return { store, close: () => store.close().catch(() => undefined) };
});

storeContract("a sealed store", async () => {
  const store = openLocalStore();
  const sealed = sealedStore(store, openSeal(new Uint8Array(keyBytes).fill(7), seededRandom()));
  return { store: sealed, close: () => store.close().catch(() => undefined) };
});

describe("on threads", () => {
  const shared = sharedStore();
  afterAll(() => shared.end());
  storeContract("the store in a file", () => shared.open());
});

/** Starting threads takes its time: the tests share a store, and each finds it empty. */
function sharedStore() {
  let path = "";
  let store: Store | undefined;
  const begin = async (): Promise<Store> => (store = await openSqliteStore(path));
  const reopen = async (): Promise<Store> => {
    await store?.close();
    return begin();
  };
  return {
    async open(): Promise<OpenedStore> {
      if (store === undefined) path = freshPath();
      else empty(path);
      const opened = store ?? (await begin());
      const close = () =>
        opened.countKeys().then(
          () => undefined,
          () => void (store = undefined),
        );
      return { store: opened, reopen, close };
    },
    end: () => store?.close(),
  };
}

function empty(path: string): void {
  const database = new DatabaseSync(path);
  const tables = database.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
  );
  for (const { name } of tables.all()) database.exec(`DELETE FROM ${String(name)}`);
  database.close();
}

describe("a file that cannot be used", () => {
  it("is refused as corrupt when it is no database", async () => {
    const path = join(folder, "garbage.db");
    await writeFile(path, "This is not a database. ".repeat(400));
    const opening = openSqliteStore(path);
    await expect(opening).rejects.toBeInstanceOf(StoreError);
    await expect(opening).rejects.toMatchObject({
      code: "corrupt",
      message: expect.stringContaining("damaged"),
    });
  });

  it("is refused as corrupt when its inside is torn", async () => {
    const path = freshPath();
    const store = await openSqliteStore(path);
    await store.openJournal(new SampleJournal(1).open(spoken("a")));
    await store.close();
    const file = await open(path, "r+");
    await file.write(Buffer.alloc(3_996, 0xff), 0, 3_996, 100);
    await file.close();
    await expect(openSqliteStore(path)).rejects.toMatchObject({ code: "corrupt" });
  });

  it("is refused with a sentence when a newer Offhook wrote it", async () => {
    const path = freshPath();
    await (await openSqliteStore(path)).close();
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 1000");
    database.close();
    const opening = openSqliteStore(path);
    await expect(opening).rejects.toBeInstanceOf(StoreError);
    await expect(opening).rejects.toThrow(/written by a newer Offhook \(version 1000 .*use another folder/u);
  });

  it("is refused with a sentence when its folder cannot be made", async () => {
    const path = join(freshPath(), "offhook.db");
    await mkdir(dirname(dirname(path)), { recursive: true });
    await writeFile(dirname(path), "a file where a folder should be");
    await expect(openSqliteStore(path)).rejects.toBeInstanceOf(StoreError);
  });

  it("is refused while another has it open, and only so long", async () => {
    const path = freshPath();
    const store = await openSqliteStore(path);
    await expect(openSqliteStore(path)).rejects.toMatchObject({ code: "locked" });
    expect(await store.countKeys()).toBe(0);
    await store.close();
    await (await openSqliteStore(path)).close();
  });
});

describe("many appends at the same time", () => {
  it("are all on disk when they are acknowledged: 1,000 of 50 calls", async () => {
    const path = freshPath();
    const store = await openSqliteStore(path);
    const journals = Array.from({ length: 50 }, (_, index) => new SampleJournal(index + 1));
    await Promise.all(journals.map((journal) => store.openJournal(journal.open(becomes("queued")))));
    const turns = Array.from({ length: 20 }, (_, index) => spoken(`turn ${index}`));
    await Promise.all(journals.flatMap((journal) => turns.map((turn) => store.append(journal.write(turn)))));
    // As another process sees the file, while this one still has it open.
    const other = openLocalStore(path);
    for (const { callId, entries } of journals) {
      const found = await other.entriesOfCall({ callId, after: 0, limit: 100 });
      expect(found.map(({ seq, what }) => ({ seq, what }))).toEqual(
        entries.map(({ seq, what }) => ({ seq, what })),
      );
    }
    await other.close();
    await store.close();
  });
});
