import { createConnection, type Socket } from "node:net";
import type { Happening, JsonObject } from "@offhook/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Store } from "../store.ts";
import { StoreError } from "../store.ts";
import { openLocalStore } from "../store/sqlite/sqlite-store.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { virtualClock, type VirtualClock } from "../testing/virtual-clock.ts";
import { streamLimits } from "./event-stream.ts";
import { type Api, apiOf, expectProblem, textAt } from "./testing/api.ts";
import { spoken } from "./testing/fake-calls.ts";
import { openServer, smallAssistant, type TestServer } from "./testing/open-server.ts";
import { openStream, type OpenStream } from "./testing/read-stream.ts";

let clock: VirtualClock;
let store: Store;
let server: TestServer;
let api: Api;
const opened: OpenStream[] = [];
beforeEach(async () => {
  clock = virtualClock();
  store = openLocalStore();
  server = await openServer({ clock, store });
  api = apiOf(server);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close().catch(() => undefined)));
  await server.close();
});

async function open(path: string, headers?: Record<string, string>): Promise<OpenStream> {
  const events = await openStream(server, path, headers);
  opened.push(events);
  return events;
}

async function connect(key = server.key): Promise<string> {
  const json = { assistant: smallAssistant };
  return textAt((await api("POST", "/calls/v1/conversations/connect", { json, key })).body, "id");
}

let said = 0;
const word = (text = ""): Happening => {
  said += 1;
  return spoken({
    role: "user",
    text: text || `word ${said}`,
    timestamp: clock.now(),
    messageId: `m${said}`,
  });
};

const cursorsOf = (body: JsonObject): unknown[] => (body["data"] as JsonObject[]).map(({ cursor }) => cursor);

describe("a page of events", () => {
  test("holds a call's journal in order, and says how to go on", async () => {
    const id = await connect();
    await server.calls.write(id, word("hello"));
    const path = `/calls/v1/conversations/${id}/events`;
    const { body } = await api("GET", path);
    expect(body).toMatchObject({ next: 4, more: false });
    expect((body["data"] as JsonObject[]).map(({ type }) => type)).toEqual([
      "call-created",
      "status-changed",
      "status-changed",
      "message-added",
    ]);
    expect(cursorsOf(body)).toEqual([1, 2, 3, 4]);
    expect(body["data"]).toMatchObject([
      {},
      {},
      {},
      { callId: id, seq: 4, at: clock.now(), told: null, data: { message: { text: "hello" } } },
    ]);
    expect((await api("GET", `${path}?limit=2`)).body).toMatchObject({ next: 2, more: true });
    expect(cursorsOf((await api("GET", `${path}?after=2&limit=2`)).body)).toEqual([3, 4]);
    expect((await api("GET", `${path}?after=4`)).body).toEqual({ data: [], next: 4, more: false });
    expect((await api("GET", `${path}?after=99`)).body).toEqual({ data: [], next: 99, more: false });
  });

  test("says what the Server URL was told", async () => {
    const assistant = { ...smallAssistant, assistantServer: { url: "https://example.org/hook" } };
    const { body: call } = await api("POST", "/calls/v1/conversations/connect", { json: { assistant } });
    const { body } = await api("GET", `/calls/v1/conversations/${textAt(call, "id")}/events`);
    expect((body["data"] as JsonObject[]).map(({ told }) => told)).toEqual([
      null,
      { id: `evt_${textAt(call, "id")}_1`, type: "status-update", sequence: 1 },
      { id: `evt_${textAt(call, "id")}_2`, type: "status-update", sequence: 2 },
    ]);
  });

  test("of a team holds its calls' events in the order of writing, and no other team's", async () => {
    const one = await connect();
    await connect(server.otherKey);
    const two = await connect();
    await server.calls.write(one, word());
    const { body } = await api("GET", "/events/v1/events");
    const data = body["data"] as JsonObject[];
    expect(data.map(({ callId }) => callId)).toEqual([one, one, one, two, two, two, one]);
    const cursors = cursorsOf(body).map(Number);
    expect(cursors).toEqual(cursors.toSorted((first, second) => first - second));
    const rest = await api("GET", `/events/v1/events?after=${cursors[4]}`);
    expect(cursorsOf(rest.body)).toEqual(cursors.slice(5));
  });

  test("refuses a cursor that the store has not come to: nothing would ever come after it", async () => {
    await connect();
    const last = await server.store.lastPosition();
    expect((await api("GET", `/events/v1/events?after=${last}`)).body).toEqual({
      data: [],
      next: last,
      more: false,
    });
    expectProblem(await api("GET", `/events/v1/events?after=${last + 1}`), 422);
    const resumed = await open("/events/v1/events", { "last-event-id": String(last + 1) });
    expect(resumed.status).toBe(422);
  });
});

describe("a stream of events", () => {
  test("gives what is there, then what comes, each with its cursor as id", async () => {
    const id = await connect();
    const events = await open(`/calls/v1/conversations/${id}/events`);
    expect(events.status).toBe(200);
    expect(await events.next()).toEqual({ retry: String(streamLimits.reconnectMs) });
    expect((await events.entries(3)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    await server.calls.write(id, word(), word());
    const block = await events.next();
    expect(block).toMatchObject({ id: "4" });
    expect(JSON.parse(block?.data ?? "")).toMatchObject({ cursor: 4, seq: 4, type: "message-added" });
    expect((await events.entries(1)).map(({ seq }) => seq)).toEqual([5]);
  });

  test("goes on after Last-Event-ID, which wins over after", async () => {
    const id = await connect();
    await server.calls.write(id, word(), word(), word());
    const path = `/calls/v1/conversations/${id}/events`;
    const resumed = await open(`${path}?after=1`, { "last-event-id": "4" });
    expect((await resumed.entries(2)).map(({ seq }) => seq)).toEqual([5, 6]);
    const after = await open(`${path}?after=5`);
    expect((await after.entries(1)).map(({ seq }) => seq)).toEqual([6]);
  });

  test("misses nothing and repeats nothing, whenever it is opened and however often it is cut", async () => {
    const random = seededRandom(7);
    const id = await connect();
    const total = 200;
    const writing = (async () => {
      for (let written = 0; written < total;) {
        const count = Math.min(total - written, 1 + Math.floor(random.fraction() * 5));
        await server.calls.write(id, ...Array.from({ length: count }, () => word()));
        written += count;
        if (random.fraction() < 0.3) await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    const seen: number[] = [];
    while (seen.length < total + 3) {
      const cursor = seen.length === 0 ? {} : { "last-event-id": String(seen.at(-1)) };
      const events = await openStream(server, "/events/v1/events", cursor);
      const count = Math.min(total + 3 - seen.length, 1 + Math.floor(random.fraction() * 60));
      seen.push(...(await events.entries(count)).map((entry) => entry.cursor));
      await events.close();
    }
    await writing;
    const stored = await store.entriesOfTeam({ teamId: "default" as never, after: 0, limit: 10_000 });
    expect(seen).toEqual(stored.map(({ position }) => position));
  });

  test("shows nothing of another team", async () => {
    const events = await open("/events/v1/events");
    await events.next();
    await connect(server.otherKey);
    const mine = await connect();
    expect((await events.entries(3)).map(({ callId }) => callId)).toEqual([mine, mine, mine]);
    const foreign = await open(`/calls/v1/conversations/${mine}/events`, {
      authorization: `Bearer ${server.otherKey}`,
    });
    expect(foreign.status).toBe(404);
  });

  test("comments when nothing happens, and finds what the bus kept to itself", async () => {
    const id = await connect();
    const events = await open(`/calls/v1/conversations/${id}/events?after=3`);
    await events.next();
    const next = events.next();
    await vi.waitFor(() => expect(clock.waiting).toBeGreaterThan(0));
    await clock.advance(streamLimits.heartbeatMs);
    expect(await next).toEqual({ comment: "still here" });
    const call = await store.findCall({ teamId: "default" as never, callId: id as never });
    const entry = { seq: 4, at: clock.now(), sequence: null, what: word() };
    await store.append({
      teamId: "default" as never,
      epoch: 1,
      callId: id as never,
      entries: [entry],
      call: call as never,
      phase: "live",
    });
    const found = events.entries(1);
    await vi.waitFor(() => expect(clock.waiting).toBeGreaterThan(0));
    await clock.advance(streamLimits.heartbeatMs);
    expect(await found).toMatchObject([{ seq: 4 }]);
  });

  test("is cut when its reader takes nothing, and says how to go on", async () => {
    const id = await connect();
    for (let written = 0; written < 40; written += 1)
      await server.calls.write(id, ...Array.from({ length: 10 }, () => word("x".repeat(40_000))));
    const socket = await pausedReader(server, `/calls/v1/conversations/${id}/events`);
    await vi.waitFor(() => expect(socket.readableFlowing).toBe(false));
    await vi.waitFor(async () => {
      await clock.advance(streamLimits.stalledMs);
      expect(server.noted.map(({ message }) => message)).toContain(
        "an event stream was cut: its reader took nothing",
      );
    });
    const text = await readAll(socket);
    const [, cursor] = /id: (\d+)\ndata: [^\n]*\n\n(?:\r\n[0-9a-f]+\r\n)?event: error\n/u.exec(text) ?? [];
    const [, data = "{}"] = /event: error\ndata: ([^\n]*)\n\n/u.exec(text) ?? [];
    expect(JSON.parse(data)).toMatchObject({
      code: "too-slow",
      cursor: Number(cursor),
      detail: expect.stringContaining(`Last-Event-ID: ${cursor}`),
    });
    const resumed = await open(`/calls/v1/conversations/${id}/events`, { "last-event-id": String(cursor) });
    const left = 403 - Number(cursor);
    expect((await resumed.entries(left)).map(({ seq }) => seq)).toEqual(
      Array.from({ length: left }, (_, index) => Number(cursor) + 1 + index),
    );
  });

  test("ends with an error that says how to go on when the store fails", async () => {
    const id = await connect();
    const broken = { now: false };
    const failing = await openServer({
      store: {
        ...store,
        entriesOfCall: (query) =>
          broken.now
            ? Promise.reject(new StoreError("unavailable", "inside: /data/offhook.sqlite"))
            : store.entriesOfCall(query),
      },
      clock,
    });
    const events = await openStream(
      { url: failing.url, key: server.key },
      `/calls/v1/conversations/${id}/events`,
    );
    await events.entries(3);
    const next = events.next();
    await vi.waitFor(() => expect(clock.waiting).toBeGreaterThan(0));
    broken.now = true;
    await clock.advance(streamLimits.heartbeatMs);
    const last = await next.then(async (block) => (block?.comment === undefined ? block : events.next()));
    expect(last).toMatchObject({ event: "error" });
    expect(JSON.parse(last?.data ?? "")).toEqual({
      code: "store-unavailable",
      cursor: 3,
      detail: "The store did not answer. Nothing is lost: connect again with `Last-Event-ID: 3`.",
    });
    expect(await events.next()).toBeUndefined();
  });

  test("ends when the server stops, and leaves nothing behind", async () => {
    const events = await open("/events/v1/events");
    await events.next();
    server.stop();
    expect(await events.next()).toBeUndefined();
    await vi.waitFor(() => expect(clock.waiting).toBe(0));
  });

  test("leaves nothing behind when its reader goes away", async () => {
    const events = await open("/events/v1/events");
    await events.next();
    await vi.waitFor(() => expect(clock.waiting).toBeGreaterThan(0));
    await events.close();
    await vi.waitFor(() => expect(clock.waiting).toBe(0));
  });

  test("is not opened by HEAD", async () => {
    const response = await fetch(`${server.url}/events/v1/events`, {
      method: "HEAD",
      headers: { authorization: `Bearer ${server.key}`, accept: "text/event-stream" },
    });
    expect(response.status).toBe(200);
    expect(clock.waiting).toBe(0);
  });
});

/** Asks for a stream and reads nothing of it. */
function pausedReader({ port, key }: TestServer, path: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1", () => {
      socket.pause();
      socket.write(
        `GET ${path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${key}\r\naccept: text/event-stream\r\nconnection: close\r\n\r\n`,
      );
      resolve(socket);
    });
  });
}

function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    socket.on("data", (data) => (text += String(data)));
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
    socket.resume();
  });
}
