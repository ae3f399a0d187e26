import { createConnection } from "node:net";
import type { Problem, Refusal } from "@offhook/protocol";
import { afterEach, expect, test, vi } from "vitest";
import { openServer, smallAssistant, type TestServer } from "../http/testing/open-server.ts";
import { openStream } from "../http/testing/read-stream.ts";
import { apiOf, textAt } from "../http/testing/api.ts";
import { systemClock } from "../clock.ts";
import { silentLog } from "../log.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import type { Live } from "./live.ts";
import { serve, type Served, type ServeParts, serverLimits } from "./server.ts";
import { openClient } from "./testing/live-client.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

const problemOf = ({ refused, detail }: Refusal, status = 422): Problem => ({
  type: "t",
  title: refused,
  status,
  detail,
  code: refused,
});
const noLive: Live = { upgrade: () => undefined, close: () => undefined, sessions: 0 };

async function open(parts: Partial<ServeParts> = {}): Promise<Served> {
  const app = { fetch: () => new Response("hello") };
  const served = await serve({
    app,
    live: noLive,
    problemOf,
    port: 0,
    host: "127.0.0.1",
    clock: systemClock,
    log: silentLog,
    ...parts,
  });
  opened.push(served);
  return served;
}

async function openWhole(): Promise<TestServer> {
  const server = await openServer();
  opened.push(server);
  return server;
}

/** Sends bytes and reads all that comes. */
function exchange(port: number, sent: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, "127.0.0.1", () => socket.write(sent));
    let text = "";
    socket.on("data", (data) => (text += String(data)));
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}

/** A connection that is kept, to ask on when it is time. */
async function keep(port: number) {
  const socket = createConnection(port, "127.0.0.1");
  let text = "";
  socket.on("data", (data) => (text += String(data)));
  const closed = new Promise<void>((resolve, reject) => {
    socket.on("close", () => resolve()).on("error", reject);
  });
  closed.catch(() => undefined);
  await new Promise((resolve) => socket.on("connect", resolve));
  const ask = (): unknown => socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  return { ask, text: () => text, closed };
}

test("says where it listens", async () => {
  const served = await open();
  expect(served.url).toBe(`http://127.0.0.1:${served.port}`);
  expect(await (await fetch(served.url)).text()).toBe("hello");
  const everywhere = await open({ host: "::" });
  expect(everywhere.url).toBe(`http://localhost:${everywhere.port}`);
});

test("says why it cannot listen", async () => {
  const { port } = await open();
  await expect(open({ port })).rejects.toThrow(
    `Cannot listen on 127.0.0.1:${port}: the port is in use: stop what uses it, or choose another.`,
  );
});

test("tells clients to keep connections for less time than it does itself, and than it takes to leave", async () => {
  const served = await open();
  const { headers } = await fetch(served.url);
  expect(headers.get("connection")).toBe("keep-alive");
  expect(headers.get("keep-alive")).toBe("timeout=5");
  expect(serverLimits.announcedKeepAliveMs).toBeLessThan(serverLimits.retireMaxMs);
  expect(serverLimits.announcedKeepAliveMs).toBeLessThan(serverLimits.keepAliveMs);
  const bare = await exchange(served.port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
  expect(bare.toLowerCase()).toContain("\r\nconnection: close\r\n");
  expect(bare.toLowerCase()).not.toContain("keep-alive");
});

test("tells clients to go elsewhere before it closes: each answer is the last on its connection", async () => {
  const clock = virtualClock();
  const served = await open({ clock });
  const retired = { is: false };
  void served.retire().then(() => (retired.is = true));
  const { headers } = await fetch(served.url);
  expect(headers.get("connection")).toBe("close");
  expect(headers.get("keep-alive")).toBeNull();
  await clock.advance(serverLimits.retireMinMs - 1);
  expect(retired.is).toBe(false);
  await clock.advance(1);
  expect(retired.is).toBe(true);
});

test("answers also on a connection that was idle all the while that it leaves, and is done when there is none", async () => {
  const clock = virtualClock();
  const served = await open({ clock });
  const idle = await keep(served.port);
  idle.ask();
  await vi.waitFor(() => expect(idle.text()).toContain("hello"));
  const retired = { is: false };
  void served.retire().then(() => (retired.is = true));
  await clock.advance(serverLimits.retireMinMs + serverLimits.announcedKeepAliveMs - 1_000);
  expect(retired.is).toBe(false);
  idle.ask();
  await idle.closed;
  expect(idle.text().match(/hello/gu)).toHaveLength(2);
  expect(idle.text().toLowerCase()).toContain("connection: close");
  await vi.waitFor(async () => {
    await clock.advance(serverLimits.retireLookEveryMs);
    expect(retired.is).toBe(true);
  });
});

test("does not wait for ever for a connection that is kept and not used", async () => {
  const clock = virtualClock();
  const served = await open({ clock });
  const idle = await keep(served.port);
  idle.ask();
  await vi.waitFor(() => expect(idle.text()).toContain("hello"));
  const retired = { is: false };
  void served.retire().then(() => (retired.is = true));
  await clock.advance(serverLimits.retireMaxMs - 1);
  expect(retired.is).toBe(false);
  await clock.advance(1);
  expect(retired.is).toBe(true);
});

test.each(["retire", "close"] as const)(
  "an answer that is under way says that it is the last on its connection, too: %s",
  async (how) => {
    let answer: (response: Response) => void = () => undefined;
    let asked = 0;
    const fetchLater = (): Promise<Response> => {
      asked += 1;
      return new Promise((resolve) => (answer = resolve));
    };
    const served = await open({ app: { fetch: fetchLater } });
    const asking = fetch(served.url);
    await vi.waitFor(() => expect(asked).toBe(1));
    const leaving = how === "retire" ? served.retire() : served.close();
    answer(new Response("done"));
    const { headers } = await asking;
    expect([headers.get("connection"), headers.get("keep-alive")]).toEqual(["close", null]);
    await leaving;
  },
);

test("who was let in just before it listened no more is heard", async () => {
  const clock = virtualClock();
  const served = await open({ clock });
  await served.retire(AbortSignal.abort());
  const late = await keep(served.port);
  await (await fetch(served.url)).text();
  const closing = served.close();
  await vi.waitFor(() => expect(fetch(served.url)).rejects.toThrow("fetch failed"));
  late.ask();
  await late.closed;
  expect(late.text()).toContain("hello");
  await clock.advance(serverLimits.firstRequestMaxMs);
  await closing;
});

test("hurries when it is told to", async () => {
  const served = await open({ clock: virtualClock() });
  await expect(served.retire(AbortSignal.abort())).resolves.toBeUndefined();
});

test("closes at once when nobody waits, though connections are kept alive", async () => {
  const served = await open();
  await (await fetch(served.url)).text();
  const begun = performance.now();
  await served.close();
  expect(performance.now() - begun).toBeLessThan(2_000);
  await expect(fetch(served.url)).rejects.toThrow("fetch failed");
});

test("lets a request that is under way end, and takes no new one", async () => {
  let answer: (response: Response) => void = () => undefined;
  let asked = 0;
  const fetchLater = (): Promise<Response> => {
    asked += 1;
    return new Promise((resolve) => (answer = resolve));
  };
  const served = await open({ app: { fetch: fetchLater } });
  const asking = fetch(served.url);
  await vi.waitFor(() => expect(asked).toBe(1));
  const closing = served.close();
  await expect(fetch(served.url)).rejects.toThrow("fetch failed");
  answer(new Response("done"));
  expect(await (await asking).text()).toBe("done");
  await closing;
});

test("does not wait for ever for a request that does not end", async () => {
  const clock = virtualClock();
  let asked = 0;
  const fetchNever = (): Promise<Response> => {
    asked += 1;
    return new Promise(() => undefined);
  };
  const served = await open({ clock, app: { fetch: fetchNever } });
  const asking = fetch(served.url);
  asking.catch(() => undefined);
  await vi.waitFor(() => expect(asked).toBe(1));
  const closing = served.close();
  await clock.advance(serverLimits.closeMaxMs);
  await closing;
  await expect(asking).rejects.toThrow("fetch failed");
});

test("closes connections that never asked anything, too", async () => {
  const served = await open();
  const socket = createConnection(served.port, "127.0.0.1");
  await new Promise((resolve) => socket.on("connect", resolve));
  await (await fetch(served.url)).text();
  const closed = new Promise((resolve) => socket.on("close", resolve));
  const begun = performance.now();
  await served.close();
  await closed;
  expect(performance.now() - begun).toBeLessThan(2_000);
});

test("does not wait for ever for a live socket that does not close", async () => {
  const clock = virtualClock();
  let taken = 0;
  const live: Live = { ...noLive, upgrade: () => (taken += 1) };
  const served = await open({ clock, live });
  const upgrade = "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
  const exchanged = exchange(served.port, upgrade);
  await vi.waitFor(() => expect(taken).toBe(1));
  const closing = served.close();
  await clock.advance(serverLimits.closeMaxMs);
  await closing;
  expect(await exchanged).toBe("");
});

test("a whole server stops though clients stream and watch", async () => {
  const server = await openWhole();
  const api = apiOf(server);
  const { body } = await api("POST", "/calls/v1/conversations/connect", {
    json: { assistant: smallAssistant },
  });
  const { liveUrl } = body["monitor"] as { liveUrl: string };
  const client = await openClient(liveUrl);
  const stream = await openStream(server, "/events/v1/events");
  await stream.entries(3);
  const begun = performance.now();
  opened.pop();
  await server.close();
  expect(performance.now() - begun).toBeLessThan(3_000);
  expect("closed" in client && (await client.closed).code).toBe(1_001);
  expect(await stream.next()).toBeUndefined();
});

test.each([
  ["no key", "GET /calls/v1/conversations/x/live HTTP/1.1", "", 401],
  ["no such path", "GET /elsewhere HTTP/1.1", "", 404],
])("an upgrade is refused in HTTP: %s", async (_what, line, headers, status) => {
  const { port } = await openWhole();
  const handshake =
    "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==";
  const answer = await exchange(port, `${line}\r\nhost: a\r\n${handshake}${headers}\r\n\r\n`);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `, "u"));
  expect(answer).toContain("content-type: application/problem+json");
  expect(answer).toContain("connection: close");
});

test.each([
  ["another version", "GET", "sec-websocket-version: 7\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=="],
  ["no key", "GET", "sec-websocket-version: 13"],
  ["another method", "POST", "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=="],
])("a handshake that is none is refused: %s", async (_what, method, headers) => {
  const server = await openWhole();
  const { body } = await apiOf(server)("POST", "/calls/v1/conversations/connect", {
    json: { assistant: smallAssistant },
  });
  const path = `/calls/v1/conversations/${textAt(body, "id")}/live`;
  const key = `authorization: Bearer ${server.key}`;
  const answer = await exchange(
    server.port,
    `${method} ${path} HTTP/1.1\r\nhost: a\r\n${key}\r\nupgrade: websocket\r\nconnection: upgrade\r\n${headers}\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1.1 400 /u);
  expect(answer).toMatch(/"detail":"This is no WebSocket handshake: /u);
  expect(server.live.sessions).toBe(0);
});

test("an upgrade to something else is a request like any other", async () => {
  const { port } = await open();
  const answer = await exchange(
    port,
    "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade, close\r\nupgrade: h2c\r\n\r\n",
  );
  expect(answer).toMatch(/^HTTP\/1.1 200 /u);
  expect(answer).toContain("hello");
});

test("a client that breaks off a handshake harms nobody", async () => {
  const server = await openWhole();
  for (let time = 0; time < 20; time += 1) {
    await new Promise<void>((resolve) => {
      const socket = createConnection(server.port, "127.0.0.1", () => {
        socket.write(
          "GET /calls/v1/conversations/x/live HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
        );
        socket.resetAndDestroy();
        resolve();
      });
      socket.on("error", () => undefined);
    });
  }
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  expect(server.noted.filter(({ level }) => level === "error")).toEqual([]);
});
