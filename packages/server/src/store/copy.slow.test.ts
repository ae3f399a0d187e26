import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missingPostgres, openPostgres, type Postgres } from "../testing/postgres.ts";
import { runCopy } from "./copy/run.ts";
import { openPostgresStore } from "./postgres/postgres-store.ts";
import { openSqliteStore } from "./sqlite/sqlite-store.ts";
import { laneOf } from "./testing/opened.ts";
import {
  acceptance,
  becomes,
  failure,
  reported,
  SampleJournal,
  sampleBegin,
  settlement,
  spoken,
} from "./testing/samples.ts";

const missing = missingPostgres();
if (missing !== undefined) process.stdout.write(`${missing}; copying a store is not looked at\n`);

/** More than one page of calls, and several of entries. */
const calls = 1_100;
const dayMs = 86_400_000;

describe.skipIf(missing !== undefined && process.env["CI"] === undefined)("a copied store", () => {
  let postgres: Postgres;
  let folder = "";
  let path = "";
  let url = "";
  let databases = 0;
  beforeAll(async () => {
    postgres = await openPostgres();
    folder = await mkdtemp(join(tmpdir(), "offhook-copy-"));
    path = join(folder, "offhook.sqlite");
    await fill(path);
  }, 60_000);
  afterAll(async () => {
    await postgres.close();
    await rm(folder, { recursive: true, force: true });
  });

  const fresh = async (): Promise<string> => postgres.makeDatabase(`copy${(databases += 1)}`);
  /** Breaks off when so many pages have begun. */
  const copy = (to: string, pagesMax = Number.POSITIVE_INFINITY) => {
    const enough = new AbortController();
    let pages = 0;
    const tell = (): void => {
      pages += 1;
      if (pages > pagesMax) enough.abort();
    };
    return runCopy({ path, url: to, what: "copy", tell, signal: enough.signal });
  };
  const compare = (to: string) =>
    runCopy({ path, url: to, what: "compare", tell: () => undefined, signal: new AbortController().signal });

  test("that was interrupted twice is the same, row by row", async () => {
    url = await fresh();
    expect(await copy(url, 2)).toBe("interrupted");
    await expect(openPostgresStore(url)).rejects.toThrow(/offhook store copy/u);
    expect(await copy(url, 5)).toBe("interrupted");
    expect(await copy(url)).toBe("copied");
    const found = await compare(url);
    expect(found).toMatchObject({ differences: 0, samples: [] });
    expect(found).toHaveProperty("same", expect.any(Number));
  }, 60_000);

  test("reads as the one that it was copied from, and goes on after its last position", async () => {
    const there = await openPostgresStore(url);
    const here = await openSqliteStore(path);
    try {
      const one = new SampleJournal(7);
      const { callId, teamId } = one;
      const query = { callId, after: 0, limit: 100 };
      expect(await there.entriesOfCall(query)).toEqual(await here.entriesOfCall(query));
      expect(await there.findLane(callId)).toEqual(await here.findLane(callId));
      expect(await there.findCall({ teamId, callId })).toEqual(await here.findCall({ teamId, callId }));
      expect(await there.assistantOfCall({ callId })).toEqual(await here.assistantOfCall({ callId }));
      const deliveries = { teamId, callId, offset: 0, limit: 100 };
      expect(await there.listDeliveries(deliveries)).toEqual(await here.listDeliveries(deliveries));
      const attempts = { callId, sequence: 1, limit: 10 };
      expect(await there.attemptsOf(attempts)).toEqual(await here.attemptsOf(attempts));
      expect(await there.lastPosition()).toBe(await here.lastPosition());
      const { position } = await there.openJournal(new SampleJournal(calls + 1).open());
      expect(position).toBe((await here.lastPosition()) + 1);
      expect(await there.takeCalls({ after: "", limit: 2_000 })).toHaveLength(calls - calls / 10 + 1);
    } finally {
      await there.close();
      await here.close();
    }
  }, 60_000);

  test.each([
    [
      "changed",
      "UPDATE offhook.entries SET body = replace(body, 'Hello', 'Hallo') WHERE position = (SELECT min(position) FROM offhook.entries WHERE body LIKE '%Hello%')",
      1,
    ],
    ["lost", "DELETE FROM offhook.attempts WHERE number = 3", 1],
    ["added", "INSERT INTO offhook.secrets (name, value) VALUES ('more', 'x')", 1],
    [
      "moved",
      "UPDATE offhook.lanes SET settled = settled + 1 WHERE call_id IN (SELECT min(call_id) FROM offhook.lanes)",
      1,
    ],
  ])(
    "that was %s is found out",
    async (_what, sql, differences) => {
      const to = await fresh();
      await copy(to);
      const client = new pg.Client(to);
      await client.connect();
      await client.query(sql);
      await client.end();
      expect(await compare(to)).toMatchObject({ differences });
    },
    60_000,
  );

  test("is not said to be the same by a comparison that was broken off", async () => {
    const order = { path, url, what: "compare", tell: () => undefined, signal: AbortSignal.abort() } as const;
    expect(await runCopy(order)).toBe("interrupted");
  });

  test("is refused where something else is already, or while a server runs on it", async () => {
    await expect(copy(url)).rejects.toThrow(/copied already/u);
    const other = await fresh();
    const store = await openPostgresStore(other);
    await store.openJournal(new SampleJournal(1).open());
    await store.close();
    await expect(copy(other)).rejects.toThrow(/empty one/u);
    const running = await openSqliteStore(path);
    await expect(copy(await fresh())).rejects.toMatchObject({ code: "locked" });
    await running.close();
    const nowhere = { path: join(folder, "none"), url, what: "copy" as const, tell: () => undefined };
    await expect(runCopy({ ...nowhere, signal: new AbortController().signal })).rejects.toThrow(/--data/u);
  }, 60_000);
});

/** Calls of several days, live and closed, with events that were accepted, failed, given up and sent again. */
async function fill(path: string): Promise<void> {
  const store = await openSqliteStore(path);
  const begun = Array.from({ length: calls }, async (_, number) => {
    const createdAt = sampleBegin + (number % 5) * dayMs;
    const journal = new SampleJournal(number, { createdAt });
    await store.openJournal(journal.open(becomes("queued"), spoken("Hello 👋 \u0001")));
    await store.append(journal.write(becomes("ongoing"), spoken("How are you?")));
    const { callId } = journal;
    await store.settle(acceptance(await laneOf(store, callId)));
    if (number % 3 === 0) {
      const givenUp = [{ sequence: 2, state: "dead" as const, reason: "gone" }];
      await store.settle(settlement(await laneOf(store, callId), { settled: 2, missed: [2], givenUp }));
      await store.sendAgain({ callId, sequences: [1, 2], now: createdAt });
    }
    if (number % 7 === 0) await store.settle(failure(await laneOf(store, callId), createdAt + 60_000));
    if (number % 10 === 0) await store.append(journal.write(becomes("finished"), reported));
  });
  await Promise.all(begun);
  const times = { createdAt: sampleBegin, updatedAt: sampleBegin };
  const { teamId } = new SampleJournal(1);
  await store.saveDocument("assistant", { id: "asst_1", teamId, body: { name: "Ä" }, ...times });
  await store.saveKey({ hash: "h1", teamId, name: "laptop", createdAt: sampleBegin });
  await store.keepSecret({ name: "control", value: "kept" });
  await store.close();
}
