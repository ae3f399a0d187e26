import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSqliteStore } from "./store/sqlite/sqlite-store.ts";
import { SampleJournal, spoken } from "./store/testing/samples.ts";
import { journalIn } from "./testing/crash/load.ts";
import { openSmallDisk, type SmallDisk } from "./testing/crash/small-disk.ts";
import { openReceiver, type Receiver } from "./testing/receiver.ts";
import { eventually, idIn, messageIn, testEnv } from "./testing/running-app.ts";
import { type ServerProcess, startServer } from "./testing/server-process.ts";

const conversations = "/calls/v1/conversations";
const diskBytes = 6 * 2 ** 20;

const probe = openSmallDisk(diskBytes);
if (typeof probe === "string") process.stdout.write(`${probe}; what a full disk does is not looked at\n`);
else probe.close();
const isMissing = typeof probe === "string";

let receiver: Receiver;
beforeEach(async () => {
  receiver = await openReceiver();
});
afterEach(() => receiver.close());

function connect(server: ServerProcess) {
  const assistant = { name: "Echo", assistantProvider: "rehearsal", assistantServer: { url: receiver.url } };
  return server.api("POST", `${conversations}/connect`, { assistant });
}

/** How a start ended that had to fail. */
async function failedStart(folder: string): Promise<string> {
  return startServer(testEnv(folder)).then(
    async (server) => {
      await server.kill();
      return "it started";
    },
    (error: unknown) => String(error),
  );
}

/** One sentence that says what to do, and no trace of the program. */
function expectSentence(said: string, words: RegExp): void {
  expect(said).toMatch(/ended with 1/u);
  expect(said).toMatch(words);
  expect(said).not.toMatch(/\n\s+at /u);
}

function reportsOf(id: string): Set<unknown> {
  const reports = receiver.requests.map(messageIn).filter(({ type }) => type === "end-of-call-report");
  return new Set(reports.filter(({ call }) => idIn(call as never) === id).map((message) => message["id"]));
}

function expectWhole(path: string): void {
  const database = new DatabaseSync(path, { readOnly: true });
  expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  const gaps = "SELECT call_id FROM entries GROUP BY call_id HAVING count(*) <> max(seq)";
  expect(database.prepare(gaps).all()).toEqual([]);
  database.close();
}

// In CI it must be possible: a check that is passed over there is none.
describe.skipIf(isMissing && process.env["CI"] === undefined)("a disk", () => {
  let disk: SmallDisk;
  beforeEach(() => {
    const opened = openSmallDisk(diskBytes);
    if (typeof opened === "string") throw new Error(opened);
    disk = opened;
  });
  afterEach(() => disk.close());

  test("that fills up has writes refused and reads answered, and nothing is there by halves; with room it goes on by itself", async () => {
    const folder = join(disk.folder, "data");
    const server = await startServer(testEnv(folder));
    const { body: live } = await connect(server);
    const say = { text: "Before it is full" };
    expect((await server.api("POST", `${conversations}/${idIn(live)}/messages?wait=true`, say)).status).toBe(
      200,
    );
    await receiver.arrived(4);
    await disk.fill();
    // A page or two may still fit into what the store has already.
    await eventually(async () => (await connect(server)).status === 503);
    const before = await journalIn(server);
    const refused = await connect(server);
    expect(refused).toMatchObject({ status: 503, body: { code: "store-unavailable" } });
    expect((await server.api("POST", `${conversations}/${idIn(live)}/messages`, say)).status).toBe(503);
    expect((await server.api("GET", `${conversations}/${idIn(live)}`)).status).toBe(200);
    expect((await server.api("GET", "/events/v1/deliveries")).status).toBe(200);
    expect((await server.api("GET", "/healthz")).status).toBe(200);
    const ready = await server.api("GET", "/readyz");
    expect(ready).toMatchObject({ status: 503, body: { detail: expect.stringMatching(/full.*make room/u) } });
    expect(await journalIn(server)).toEqual(before);

    await disk.makeRoom();
    await eventually(async () => (await connect(server)).status === 201, 30_000);
    await eventually(async () => (await server.api("GET", "/readyz")).status === 200);
    // The chat is taken up again: it goes on, and is ended and reported as any other.
    const goesOn = async (): Promise<boolean> => {
      const { status } = await server.api("POST", `${conversations}/${idIn(live)}/messages?wait=true`, say);
      return status === 200;
    };
    await eventually(goesOn, 30_000);
    await server.api("POST", `${conversations}/${idIn(live)}/control`, { type: "end" });
    await eventually(() => reportsOf(idIn(live)).size === 1, 30_000);
    expect((await journalIn(server)).slice(0, before.length)).toEqual(before);
    expect(await server.stop()).toBe(0);
    expectWhole(join(folder, "offhook.sqlite"));
  }, 120_000);

  test("that stays full while thousands of writes are refused lets reads go on, and takes writes when it has room", async () => {
    const store = await openSqliteStore(join(disk.folder, "offhook.sqlite"));
    const call = new SampleJournal(1);
    await store.openJournal(call.open(spoken("x".repeat(2_000_000))));
    await disk.fill();
    // More than lie between two checkpoints, which need room as well.
    const key = (number: number) => ({
      hash: `${number}${"x".repeat(5_000)}`,
      teamId: call.teamId,
      name: "a",
      createdAt: 0,
    });
    const writes = Array.from({ length: 5_000 }, (_, number) => store.saveKey(key(number)));
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.filter(({ status }) => status === "rejected").length).toBeGreaterThan(4_000);
    expect(await store.entriesOfCall({ callId: call.callId, after: 0, limit: 10 })).toHaveLength(2);
    await expect(store.check()).rejects.toMatchObject({ code: "full" });
    await disk.makeRoom();
    await store.check();
    await store.close();
  });

  test("that is full at the first start is one sentence", async () => {
    await disk.fill();
    expectSentence(await failedStart(join(disk.folder, "data")), /full|no space/iu);
  });

  test("that is full at a later start is one sentence, and what is on it stays", async () => {
    const folder = join(disk.folder, "data");
    const server = await startServer(testEnv(folder));
    await connect(server);
    await server.stop();
    await disk.fill();
    expectSentence(await failedStart(folder), /full/u);
    await disk.makeRoom();
    const again = await startServer(testEnv(folder));
    expect(await journalIn(again)).not.toEqual([]);
    await again.stop();
    expectWhole(join(folder, "offhook.sqlite"));
  });

  test("that can only be read is one sentence, and what is on it stays", async () => {
    const folder = join(disk.folder, "data");
    const server = await startServer(testEnv(folder));
    await connect(server);
    await server.stop();
    disk.makeReadOnly();
    const before = await readFile(join(folder, "offhook.sqlite"));
    expectSentence(await failedStart(folder), /cannot be opened for writing.*check OFFHOOK_DATA/u);
    expect(await readFile(join(folder, "offhook.sqlite"))).toEqual(before);
  });

  test("that can only be read, without a data folder, is one sentence", async () => {
    disk.makeReadOnly();
    expectSentence(
      await failedStart(join(disk.folder, "data")),
      /data folder cannot be made.*check OFFHOOK_DATA/u,
    );
  });
});

describe("a store", () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "offhook-disk-"));
    path = join(folder, "offhook.sqlite");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test("that another process holds has all writes refused after one wait, and reads answered; then it goes on by itself", async () => {
    const server = await startServer(testEnv(folder));
    const { body: live } = await connect(server);
    await receiver.arrived(2);
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    const begun = performance.now();
    const answers = await Promise.all(Array.from({ length: 20 }, () => connect(server)));
    const tookMs = performance.now() - begun;
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 503));
    // The lock is waited for 5 s; twenty waits one after another would be 100 s.
    expect(tookMs).toBeLessThan(50_000);
    expect((await server.api("GET", "/readyz")).status).toBe(503);
    expect((await server.api("GET", `${conversations}/${idIn(live)}`)).status).toBe(200);
    other.exec("ROLLBACK");
    other.close();
    expect((await connect(server)).status).toBe(201);
    await server.stop();
    expect(reportsOf(idIn(live)).size).toBe(1);
    expectWhole(path);
  }, 120_000);

  test("that is no database is one sentence, and is left as it is", async () => {
    const garbage = Buffer.from("This is not a database. ".repeat(400));
    await writeFile(path, garbage);
    expectSentence(await failedStart(folder), /damaged.*restore it from a backup/u);
    expect(await readFile(path)).toEqual(garbage);
  });

  test("with a torn page tells of it where it is read; everything else goes on", async () => {
    const first = await startServer(testEnv(folder));
    const calls: string[] = [];
    for (const number of [1, 2, 3, 4, 5, 6]) {
      const { body } = await connect(first);
      const text = `Words of call ${number}. ${"x".repeat(3_900)}`;
      await first.api("POST", `${conversations}/${idIn(body)}/messages?wait=true`, { text });
      await first.api("POST", `${conversations}/${idIn(body)}/control`, { type: "end" });
      calls.push(idIn(body));
    }
    await eventually(() => calls.every((id) => reportsOf(id).size === 1));
    await first.stop();
    const server = await startServer(testEnv(folder));
    const torn = await tear(path, "Words of call 3.");
    expect(torn).toBeGreaterThan(0);
    const status = async (id: string): Promise<number> =>
      (await server.api("GET", `${conversations}/${id}/events?limit=500`)).status;
    const answers = await Promise.all(calls.map(status));
    expect(answers[2]).toBe(503);
    expect(answers.filter((each) => each === 200).length).toBeGreaterThanOrEqual(3);
    const { status: placed, body } = await connect(server);
    expect(placed).toBe(201);
    await eventually(() =>
      receiver.requests.some((request) => idIn(messageIn(request)["call"] as never) === idIn(body)),
    );
    expect((await server.api("GET", "/healthz")).status).toBe(200);
    await server.kill();
  }, 60_000);
});

const pageBytes = 4_096;

/** Spoils every page of a database that holds a text; answers how many. */
async function tear(path: string, text: string): Promise<number> {
  const bytes = await readFile(path);
  let pages = 0;
  for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + pageBytes)) {
    const start = at - (at % pageBytes);
    bytes.fill(0xff, start, start + 100);
    pages += 1;
  }
  await writeFile(path, bytes);
  return pages;
}
