import { defaultTeam } from "@offhook/protocol";
import pg from "pg";
import { beforeEach, describe, expect, it } from "vitest";
import { sleep, systemClock } from "../../clock.ts";
import { type Store, StoreError } from "../../store.ts";
import { missingPostgres, openPostgres } from "../../testing/postgres.ts";
import { laneOf } from "../testing/opened.ts";
import {
  acceptance,
  becomes,
  failure,
  loss,
  reported,
  sampleBegin,
  SampleJournal,
  spoken,
  untold,
} from "../testing/samples.ts";
import { Database } from "./database.ts";
import { openPostgresStore } from "./postgres-store.ts";
import { at, standOnPostgres } from "./testing/on-postgres.ts";

const missing = missingPostgres();
if (missing !== undefined) process.stdout.write(`${missing}; what befalls a database is not looked at\n`);

/** Rows of a statement of the test's own. */
async function rowsOf(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: at.url });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(sql);
  await client.end();
  return rows;
}

describe.skipIf(missing !== undefined && process.env["CI"] === undefined)("PostgreSQL", () => {
  standOnPostgres();
  describe("that does not answer", () => {
    notAnswering();
  });
  describe("that is killed", () => {
    killing();
  });
  describe("whose tables are made", () => {
    migrating();
  });
  describe("whose days are over", () => {
    forgetting();
  });
  it("gives no position twice, and has no gap in a commit, while others take numbers too", async () => {
    const store = await at.openOn(at.url);
    const journal = new SampleJournal(1);
    await store.openJournal(journal.open());
    const taken = { isOver: false };
    const taking = rowsOf(
      "SELECT array_agg(nextval('offhook.positions')::integer) AS numbers FROM generate_series(1, 1000000)",
    ).finally(() => (taken.isOver = true));
    const given: number[] = [];
    while (!taken.isOver) {
      const { position } = await store.append(journal.write(...Array.from({ length: 100 }, () => untold)));
      given.push(...Array.from({ length: 100 }, (_, place) => position + place));
    }
    const [{ numbers }] = (await taking) as [{ numbers: number[] }];
    const others = new Set(numbers);
    expect(given.filter((position) => others.has(position))).toEqual([]);
    const found = await store.entriesOfCall({ callId: journal.callId, after: 1, limit: 100_000 });
    expect(found.map(({ position }) => position)).toEqual(given);
  });
  describe("with texts that it cannot keep", () => {
    zeroCharacters();
  });
});

function notAnswering(): void {
  const limits = { statementMs: 200, connectMs: 200, patienceMs: 500 };

  beforeEach(async () => {
    // Tables take longer to make than these limits allow.
    await at.openOn(at.url);
  });

  it("is waited for so long, and then a sentence says what to do", async () => {
    const store = await at.openOn(at.link.url, limits);
    const journal = new SampleJournal(1);
    await store.openJournal(journal.open(becomes("queued")));
    at.link.stall(true);
    const began = systemClock.now();
    const asked = [store.append(journal.write(spoken("a"))), store.countKeys(), store.check()];
    for (const result of await Promise.allSettled(asked)) {
      const reason: unknown = result.status === "rejected" ? result.reason : undefined;
      expect(reason).toBeInstanceOf(StoreError);
      expect(reason).toMatchObject({
        code: "unavailable",
        message: expect.stringContaining("OFFHOOK_STORE"),
      });
    }
    expect(systemClock.now() - began).toBeLessThan(3_000);
    at.link.stall(false);
    expect(await store.countKeys()).toBe(0);
  });

  it("keeps its word about the lease apart from what is slow", async () => {
    const store = await at.openOn(at.url);
    const client = new pg.Client({ connectionString: at.url });
    await client.connect();
    await client.query("BEGIN; LOCK offhook.documents");
    const asked = Array.from({ length: 20 }, (_, index) => {
      const body = { name: "slow" };
      const times = { createdAt: index, updatedAt: index };
      return store.saveDocument("tool", { id: String(index), teamId: defaultTeam, body, ...times });
    });
    const node = { nodeId: "node_a", url: "http://a.example", roles: [], live: 0, takesCalls: true };
    const began = systemClock.now();
    expect(await store.keepLease({ ...node, leaseMs: 3_000 })).toMatchObject({ lease: "runs" });
    expect(systemClock.now() - began).toBeLessThan(1_000);
    await client.end();
    await Promise.all(asked);
  });

  it("has so many wait for a connection, and no more", async () => {
    const store = await at.openOn(at.link.url, { ...limits, patienceMs: 1, readersMax: 1, waitingMax: 3 });
    at.link.stall(true);
    const results = await Promise.allSettled([1, 2, 3, 4, 5].map(() => store.lastPosition()));
    const told = results.map((result) => (result.status === "rejected" ? String(result.reason) : ""));
    expect(told.filter((text) => text.includes("cannot keep up"))).toHaveLength(2);
    expect(told.filter((text) => text.includes("cannot be reached"))).toHaveLength(3);
  });

  it("is refused at the start without a word of its password", async () => {
    await at.link.close();
    const wrong = at.link.url.replace("tester@", "tester:very-secret@");
    const opening = openPostgresStore(wrong, { limits });
    await expect(opening).rejects.toMatchObject({ code: "unavailable" });
    await expect(opening).rejects.toThrow(/OFFHOOK_STORE cannot be reached/u);
    await expect(opening).rejects.not.toThrow(/very-secret/u);
    const nowhere = openPostgresStore(at.url.replace(/life_\d+/u, "nowhere"), { limits });
    await expect(nowhere).rejects.toThrow(/does not let this server in .*nowhere/u);
  });
}

function killing(): void {
  it("has lost nothing that it acknowledged, and written nothing twice", { timeout: 60_000 }, async () => {
    // One of its own: at the start after a kill, all files of all databases are brought to disk.
    const killed = await openPostgres({ recovery_init_sync_method: "syncfs" });
    const store = await at.openOn(killed.url, { patienceMs: 20_000 });
    const journals = Array.from({ length: 20 }, (_, index) => new SampleJournal(index + 1));
    const progress = { isOver: false, written: 0 };
    const writing = Promise.all(
      journals.map(async (journal) => {
        await store.openJournal(journal.open(untold));
        while (!progress.isOver) {
          await store.append(journal.write(spoken("a"), untold));
          progress.written += 1;
        }
      }),
    );
    for (const round of [1, 2, 3]) {
      const before = progress.written;
      while (progress.written < before + 100 * round) await sleep(systemClock, 5);
      await killed.kill();
      await killed.start();
    }
    const before = progress.written;
    while (progress.written < before + 100) await sleep(systemClock, 5);
    progress.isOver = true;
    await writing;
    expect(progress.written).toBeGreaterThan(700);
    for (const { callId, entries } of journals) {
      const found = await store.entriesOfCall({ callId, after: 0, limit: 100_000 });
      expect(found.map(({ seq }) => seq)).toEqual(entries.map(({ seq }) => seq));
      expect(await laneOf(store, callId)).toMatchObject({ last: (entries.length - 2) / 2 });
    }
    await store.close();
    await killed.close();
  });
}

function migrating(): void {
  it("has them made once by five servers that start at the same time", async () => {
    const opened = await Promise.all([1, 2, 3, 4, 5].map(() => at.openOn(at.url)));
    expect(await rowsOf("SELECT version FROM offhook.migrations")).toEqual([{ version: 1 }]);
    for (const store of opened) expect(await store.countKeys()).toBe(0);
  });

  it("fails with a sentence, and nothing else, when the connection breaks between two statements of a step", async () => {
    const db = new Database(at.url, { clock: systemClock });
    const step = db.session(async (run) => {
      const [self] = await run({ sql: "SELECT pg_backend_pid() AS pid" });
      await rowsOf(`SELECT pg_terminate_backend(${Number(self?.["pid"])}, 5000)`);
      await sleep(systemClock, 100);
      await run({ sql: "SELECT 1" });
    });
    await expect(step).rejects.toMatchObject({ code: "unavailable" });
    expect(await db.one("SELECT 1 AS one")).toEqual({ one: 1 });
    await db.close();
  });

  it("refuses a server that is older than they are", async () => {
    await at.openOn(at.url);
    await rowsOf("INSERT INTO offhook.migrations (version) VALUES (1000)");
    await expect(openPostgresStore(at.url)).rejects.toThrow(
      /written by a newer Offhook \(version 1000 .*use another database/u,
    );
  });

  it("refuses another encoding than UTF-8", async () => {
    await rowsOf("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
    const latin = openPostgresStore(at.url.replace(/life_\d+/u, "latin"));
    await expect(latin).rejects.toThrow(/encoding LATIN1: make one with ENCODING 'UTF8'/u);
  });

  it("has a part of each day to come, where that day's rows go", async () => {
    const store = await at.openOn(at.url);
    const today = systemClock.now();
    await store.openJournal(new SampleJournal(1, { createdAt: today }).open(spoken("a")));
    await store.openJournal(new SampleJournal(2).open(spoken("a")));
    const parts = await rowsOf(
      "SELECT tableoid::regclass::text AS part FROM offhook.entries ORDER BY position",
    );
    const day = new Date(today).toISOString().slice(0, 10).replaceAll("-", "");
    const [own, ordinary] = [{ part: `offhook.entries_${day}` }, { part: "offhook.entries_default" }];
    expect(parts).toEqual([own, own, ordinary, ordinary]);
  });
}

const dayMs = 86_400_000;

async function closedCall(store: Store, number: number, createdAt: number): Promise<void> {
  const journal = new SampleJournal(number, { createdAt });
  await store.openJournal(journal.open(becomes("queued"), becomes("finished"), reported));
  await store.settle(loss(await laneOf(store, journal.callId), "dead"));
  for (let event = 2; event <= 3; event += 1)
    await store.settle(acceptance(await laneOf(store, journal.callId)));
}

function forgetting(): void {
  const partsOf = () =>
    rowsOf("SELECT relname FROM pg_class WHERE relname ~ '^(entries|attempts)_2026030[23]$' ORDER BY 1");

  it("has a whole day forgotten at once, with its parts, beyond the limit", async () => {
    const store = await at.openOn(at.url);
    await rowsOf("SELECT offhook.make_day_1('2026-03-02'), offhook.make_day_1('2026-03-03')");
    for (const number of [1, 2, 3]) await closedCall(store, number, sampleBegin);
    await closedCall(store, 4, sampleBegin + dayMs);
    const query = { before: sampleBegin + dayMs, limit: 1 };
    expect(await store.forget(query)).toEqual({ calls: 3, entries: 12, deadLetters: 3 });
    expect(await partsOf()).toEqual([{ relname: "attempts_20260303" }, { relname: "entries_20260303" }]);
    expect(await store.forget(query)).toEqual({ calls: 0, entries: 0, deadLetters: 0 });
    expect(await store.listCalls({ teamId: new SampleJournal(4).teamId, offset: 0, limit: 9 })).toMatchObject(
      {
        totalCount: 1,
      },
    );
  });

  it("keeps a day with a call that has something left to send, and forgets its others one by one", async () => {
    const store = await at.openOn(at.url);
    await rowsOf("SELECT offhook.make_day_1('2026-03-02')");
    for (const number of [1, 2]) await closedCall(store, number, sampleBegin);
    const waiting = new SampleJournal(3);
    await store.openJournal(waiting.open(becomes("finished"), reported));
    await store.settle(failure(await laneOf(store, waiting.callId), sampleBegin + 60_000));
    const query = { before: sampleBegin + 9 * dayMs, limit: 1 };
    expect(await store.forget(query)).toMatchObject({ calls: 1, entries: 4 });
    expect(await store.forget(query)).toMatchObject({ calls: 1, entries: 4 });
    expect(await store.forget(query)).toMatchObject({ calls: 0 });
    expect(await partsOf()).toHaveLength(2);
  });

  it("is not held up by somebody who reads a day for long: its calls go one by one", async () => {
    const store = await at.openOn(at.url);
    await rowsOf("SELECT offhook.make_day_1('2026-03-02')");
    for (const number of [1, 2]) await closedCall(store, number, sampleBegin);
    const reader = new pg.Client({ connectionString: at.url });
    await reader.connect();
    await reader.query("BEGIN");
    await reader.query("SELECT count(*) FROM offhook.entries_20260302");
    const began = systemClock.now();
    expect(await store.forget({ before: sampleBegin + dayMs, limit: 1 })).toMatchObject({ calls: 1 });
    expect(systemClock.now() - began).toBeLessThan(1_500);
    await reader.end();
  });

  it("may be of a day whose rows lie in the default part already", async () => {
    const store = await at.openOn(at.url);
    await closedCall(store, 1, sampleBegin);
    expect(await rowsOf("SELECT offhook.make_day_1('2026-03-02') AS made")).toEqual([{ made: false }]);
    expect(await store.forget({ before: sampleBegin + dayMs, limit: 9 })).toMatchObject({ calls: 1 });
  });
}

function zeroCharacters(): void {
  it("keeps them where they are in JSON, and else has a sign in their place", async () => {
    const store = await at.openOn(at.url);
    const journal = new SampleJournal(1);
    const { teamId, callId } = journal;
    const error = { kind: "error", code: "timed-out", error: "zero \u0000, lone \ud800" } as const;
    await store.openJournal(
      journal.open(
        { type: "tool-answered", toolCallId: "t", name: "n", outcome: error, elapsedMs: 4 },
        spoken("a"),
      ),
    );
    const lane = await laneOf(store, callId);
    const givenUp = [{ sequence: 1, state: "dead" as const, reason: "it said \u0000 and \ud800" }];
    await store.settle({ ...loss(lane, "dead"), givenUp });
    const [, answered] = await store.entriesOfCall({ callId, after: 0, limit: 9 });
    expect(answered?.what).toEqual(journal.entries[1]?.what);
    const { moments } = await store.activity({ teamId, from: 0, rowsMax: 10 });
    expect(moments).toMatchObject([{ type: "tool-answered", wholeMs: 4 }]);
    expect((await store.findDelivery({ teamId, callId, sequence: 1 }))?.reason).toBe(
      "it said \uFFFD and \uFFFD",
    );
    expect(await store.findDocument("tool", { teamId, id: "a\u0000b" })).toBeUndefined();
    expect(await store.findDelivery({ teamId, callId, sequence: 9_999_999_999 })).toBeUndefined();
  });
}
