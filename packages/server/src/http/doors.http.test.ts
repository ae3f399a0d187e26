import { createConnection } from "node:net";
import { teamId } from "@offhook/protocol";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { StoreError } from "../store.ts";
import { openLocalStore } from "../store/sqlite/sqlite-store.ts";
import { systemRandom } from "../random.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { openAuthenticator } from "./auth.ts";
import { readyMaxMs } from "./health.ts";
import { hashKey, makeKey } from "./keys.ts";
import { type Api, apiOf, expectProblem, textAt } from "./testing/api.ts";
import { openServer, smallAssistant, type TestServer } from "./testing/open-server.ts";

let server: TestServer;
let api: Api;
beforeEach(async () => {
  server = await openServer();
  api = apiOf(server);
});
afterEach(() => server.close());

const assistants = "/assistants/v1/assistants";

describe("who may come in", () => {
  test.each(["/", "/healthz", "/readyz", "/openapi.json"])("everybody to %s", async (path) => {
    expect((await api("GET", path, { key: null })).status).toBe(200);
    expect((await api("HEAD", path, { key: null })).status).toBe(200);
  });

  test.each([
    ["no key", {}],
    ["an unknown key", { authorization: "Bearer ohk_unknown" }],
    ["an empty key", { authorization: "Bearer " }],
    ["a key without its scheme", { authorization: "ohk_unknown" }],
    ["another scheme", { authorization: "Basic b2s6b2s=" }],
    ["a key with blanks", { authorization: "Bearer a b" }],
    ["a very long key", { authorization: `Bearer ${"a".repeat(8_000)}` }],
  ])("nobody with %s", async (_what, headers) => {
    for (const [method, path] of [
      ["GET", assistants],
      ["POST", assistants],
      ["GET", "/events/v1/events"],
      ["GET", "/nowhere"],
    ] as const) {
      const answered = await api(method, path, { key: null, headers });
      expectProblem(answered, 401, "unauthorized");
      expect(answered.headers.get("www-authenticate")).toMatch(/^Bearer/u);
    }
    expect(server.calls.asked).toEqual([]);
  });

  test("the scheme may be written in any case", async () => {
    const headers = { authorization: `bearer ${server.key}` };
    expect((await api("GET", assistants, { key: null, headers })).status).toBe(200);
  });

  test("a key is random, and only its hash is kept", () => {
    const [one, other] = [makeKey(systemRandom), makeKey(systemRandom)];
    expect(one).toMatch(/^ohk_[\w-]{32}$/u);
    expect(one).not.toBe(other);
    expect(hashKey("ohk_a")).toBe("4aa97aedbfa4eda7de4c4c3939c0ab8dd74499b42a9fea3c92d44da234057b35");
    expect(hashKey(one)).toMatch(/^[0-9a-f]{64}$/u);
  });

  test("a key that was found is not looked up again for some seconds, one that was not is", async () => {
    const clock = virtualClock();
    let looked = 0;
    const known = hashKey("ohk_known");
    const store = {
      findKey: async ({ hash }: { hash: string }) => {
        looked += 1;
        return hash === known ? { teamId: teamId.parse("t"), name: "n" } : undefined;
      },
    };
    const authenticate = openAuthenticator({ store, clock });
    for (let time = 0; time < 3; time += 1) expect(await authenticate("Bearer ohk_known")).toBe("t");
    expect(looked).toBe(1);
    await clock.advance(5_000);
    expect(await authenticate("Bearer ohk_known")).toBe("t");
    expect(looked).toBe(2);
    for (let time = 0; time < 3; time += 1) expect(await authenticate("Bearer ohk_unknown")).toBeUndefined();
    expect(looked).toBe(5);
  });

  test("so many keys are remembered, and no more", async () => {
    let looked = 0;
    const findKey = async () => {
      looked += 1;
      return { teamId: teamId.parse("t"), name: "n" };
    };
    const authenticate = openAuthenticator({ store: { findKey }, clock: virtualClock() });
    for (let key = 0; key <= 1_000; key += 1) await authenticate(`Bearer ohk_${key}`);
    expect(looked).toBe(1_001);
    await authenticate("Bearer ohk_1000");
    expect(looked).toBe(1_001);
    await authenticate("Bearer ohk_0");
    expect(looked).toBe(1_002);
  });
});

describe("teams", () => {
  test("see nothing of each other", async () => {
    const theirs = { key: server.otherKey };
    const { body: assistant } = await api("POST", assistants, { json: smallAssistant });
    const { body: tool } = await api("POST", "/assistants/v1/tools", { json: { name: "findSlots" } });
    const { body: number } = await api("POST", "/assistants/v1/numbers", { json: { number: "+49" } });
    const { body: call } = await api("POST", "/calls/v1/conversations/connect", {
      json: { assistant: smallAssistant },
    });
    const paths = [
      `${assistants}/${textAt(assistant, "_id")}`,
      `/assistants/v1/tools/${textAt(tool, "_id")}`,
      `/assistants/v1/numbers/${textAt(number, "_id")}`,
    ];
    const ofCall = `/calls/v1/conversations/${textAt(call, "id")}`;
    const asks: [string, string, unknown?][] = [
      ...paths.flatMap((path): [string, string, unknown?][] => [
        ["GET", path],
        ["PATCH", path, { name: "stolen" }],
        ["DELETE", path],
      ]),
      ["GET", ofCall],
      ["GET", `${ofCall}/events`],
      ["GET", `${ofCall}/deliveries`],
      ["POST", `${ofCall}/control`, { type: "end" }],
      ["POST", `${ofCall}/messages`, { text: "hello" }],
      ["POST", "/calls/v1/conversations/connect", { assistantId: assistant["_id"] }],
      ["POST", `/assistants/v1/tools/${textAt(tool, "_id")}/test`, {}],
    ];
    for (const [method, path, json] of asks) {
      expectProblem(
        await api(method, path, json === undefined ? theirs : { ...theirs, json }),
        404,
        "not-found",
      );
    }
    for (const path of [
      assistants,
      "/assistants/v1/tools",
      "/assistants/v1/numbers",
      "/calls/v1/conversations",
      "/events/v1/deliveries",
    ]) {
      expect((await api("GET", path, theirs)).body).toMatchObject({ data: [], totalCount: 0 });
    }
    expect((await api("GET", paths[0] ?? "")).body).toEqual(assistant);
    expect((await api("GET", ofCall)).body).toMatchObject({ status: "ongoing" });
  });
});

describe("health", () => {
  test("the process lives while the store is silent, and is not ready", async () => {
    const clock = virtualClock();
    const silent = { ...openLocalStore(), check: () => new Promise<void>(() => undefined) };
    const waiting = await openServer({ clock, store: silent });
    const ask = apiOf(waiting);
    expect((await ask("GET", "/healthz", { key: null })).body).toEqual({
      status: "ok",
      version: "0.0.0-test",
    });
    const asking = ask("GET", "/readyz", { key: null });
    await vi.waitFor(() => expect(clock.waiting).toBeGreaterThan(0));
    await clock.advance(readyMaxMs);
    expectProblem(await asking, 503, "store-unavailable");
    await waiting.close();
  });

  test("it is not ready when the store refuses", async () => {
    const broken = {
      ...openLocalStore(),
      check: () => Promise.reject(new StoreError("full", "The disk is full: make room.")),
    };
    const refusing = await openServer({ store: broken });
    const answered = await apiOf(refusing)("GET", "/readyz", { key: null });
    expectProblem(answered, 503, "store-unavailable");
    expect(answered.body["detail"]).toBe("The disk is full: make room.");
    await refusing.close();
  });

  test("the store is asked once in a while, however many ask, and is ready again when it has room", async () => {
    const clock = virtualClock();
    const store = openLocalStore();
    let asked = 0;
    const check = (): Promise<void> =>
      (asked += 1) === 1 ? Promise.reject(new StoreError("full", "The disk is full.")) : store.check();
    const counting = await openServer({ clock, store: { ...store, check } });
    const ready = async () => (await apiOf(counting)("GET", "/readyz", { key: null })).status;
    expect(await Promise.all([ready(), ready(), ready()])).toEqual([503, 503, 503]);
    expect(asked).toBe(1);
    await clock.advance(1_000);
    expect(await ready()).toBe(200);
    await counting.close();
  });

  test("it is not ready any more once it is told to stop, though it lives", async () => {
    server.stop();
    expectProblem(await api("GET", "/readyz", { key: null }), 503, "stopping");
    expect((await api("GET", "/healthz", { key: null })).status).toBe(200);
  });

  test("the first page says where things are", async () => {
    const { body } = await api("GET", "/", { key: null });
    const links = Object.values(body["links"] as Record<string, string>);
    for (const link of links) expect((await api("GET", link.replace(server.url, ""))).status).toBe(200);
  });
});

describe("faults of the server", () => {
  test("are told without what is inside, and logged", async () => {
    server.calls.break();
    const answered = await api("POST", "/calls/v1/conversations/connect", {
      json: { assistant: smallAssistant },
    });
    expectProblem(answered, 500, "internal");
    expect(answered.text).not.toContain("secret internals");
    expect(server.noted).toContainEqual({
      level: "error",
      message: "a request failed inside the server",
      fields: {
        method: "POST",
        path: "/calls/v1/conversations/connect",
        error: new Error("secret internals"),
      },
    });
  });

  test("of the store are told as such, with when to try again", async () => {
    const store = openLocalStore();
    const broken = {
      ...store,
      listCalls: () => Promise.reject(new StoreError("full", "/data/offhook.sqlite is full")),
    };
    const failing = await openServer({ store: broken });
    const answered = await apiOf(failing)("GET", "/calls/v1/conversations");
    expectProblem(answered, 503, "store-unavailable");
    expect(answered.headers.get("retry-after")).toBe("2");
    expect(answered.text).not.toContain("sqlite");
    expect(
      failing.noted.some(({ level, message }) => level === "error" && message.includes("the store refused")),
    ).toBe(true);
    await failing.close();
  });

  test("of a store that does not know whether it was done are not told to try again", async () => {
    const lost = new StoreError("unavailable", "the answer was lost", { mayBeDone: true });
    const failing = await openServer({
      store: { ...openLocalStore(), openJournal: () => Promise.reject(lost) },
    });
    const json = { assistant: { name: "Desk", assistantProvider: "rehearsal" }, callType: "chat" };
    const answered = await apiOf(failing)("POST", "/calls/v1/conversations/connect", { json });
    expectProblem(answered, 504, "outcome-unknown");
    expect(answered.headers.get("retry-after")).toBeNull();
    await failing.close();
  });

  test("a client that goes away in the middle of a body is none", async () => {
    await new Promise<void>((resolve) => {
      const socket = createConnection(server.port, "127.0.0.1", () => {
        const head = `POST ${assistants} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${server.key}\r\ncontent-type: application/json`;
        socket.write(`${head}\r\ncontent-length: 1000\r\n\r\n{"name"`, () => socket.end());
      });
      socket.on("close", () => resolve());
      socket.resume();
    });
    await vi.waitFor(() =>
      expect(server.noted).toContainEqual(expect.objectContaining({ message: "request answered" })),
    );
    expect(server.noted.filter(({ level }) => level === "error")).toEqual([]);
  });
});

test("every answer has the headers that keep browsers from guessing", async () => {
  for (const path of ["/", "/healthz", assistants, "/nowhere"]) {
    const { headers } = await api("GET", path);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  }
});

test("no log line of a request holds a query, a key or a body", async () => {
  await api("GET", `${assistants}?page=1`);
  await api("POST", "/calls/v1/conversations/connect", { json: { assistant: smallAssistant } });
  const lines = JSON.stringify(server.noted);
  expect(lines).toContain('"path":"/assistants/v1/assistants"');
  for (const secret of [server.key, "page=1", "Reception"]) expect(lines).not.toContain(secret);
});
