import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { sleep, systemClock } from "../clock.ts";
import { openRawServer, type RawServer } from "../testing/listening.ts";
import { type Behaviour, openReceiver, type Receiver } from "../testing/receiver.ts";
import { settled, virtualClock } from "../testing/virtual-clock.ts";
import { openEgress } from "./egress.ts";
import { connectLimits } from "./egress-connect.ts";
import { type Lookup, lookupLimits } from "./egress-lookup.ts";
import type { Egress, EgressRequest } from "./egress-port.ts";
import { parseAllow } from "./guard-allow.ts";
import { poolLimits } from "./pools.ts";

const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

function open(given: { clock?: typeof systemClock; lookup?: Lookup } = {}): Egress {
  const allowed = parseAllow("loopback");
  if (allowed.kind === "faults") throw new Error("loopback is known");
  const egress = openEgress({ rules: allowed.rules, clock: systemClock, ...given });
  opened.push(egress);
  return egress;
}

async function receiver(...script: Behaviour[]): Promise<Receiver> {
  const one = await openReceiver({ script });
  opened.push(one);
  return one;
}

async function rawServer(onSocket: (socket: Socket) => void): Promise<RawServer> {
  const one = await openRawServer(onSocket, "127.0.0.1");
  opened.push(one);
  return one;
}

function post(url: string, over: Partial<EgressRequest> = {}): EgressRequest {
  const base = {
    url,
    method: "POST",
    headers: {},
    body: '{"a":"ü"}',
    timeoutMs: 15_000,
    answerBytesMax: 65_536,
    overLimit: "cut",
    repeatable: true,
  } as const;
  return { ...base, ...over };
}

describe("an answer", () => {
  test("comes back whole, with its status, headers and bytes", async () => {
    const { url, requests } = await receiver({
      act: "answer",
      status: 207,
      headers: { "X-Two": "b", "set-cookie": "a=1" },
      body: "grüß",
    });
    const answer = await open().send(post(`${url}?a=1&b=%20x`, { headers: { "x-one": "a" } }));
    expect(answer).toMatchObject({
      kind: "answered",
      status: 207,
      truncated: false,
      headers: { "x-two": "b", "set-cookie": "a=1" },
    });
    expect(answer.kind === "answered" && Buffer.from(answer.body).toString()).toBe("grüß");
    expect(requests).toMatchObject([
      { method: "POST", path: "/hook?a=1&b=%20x", body: '{"a":"ü"}', headers: { "x-one": "a" } },
    ]);
  });

  test.each(["GET", "DELETE", "PUT", "PATCH"] as const)("to %s", async (method) => {
    const { url, requests } = await receiver();
    const body = method === "GET" || method === "DELETE" ? "" : "{}";
    expect(await open().send(post(url, { method, body }))).toMatchObject({ kind: "answered", status: 200 });
    expect(requests).toMatchObject([{ method, body }]);
  });

  test("that is compressed all the same is not unpacked", async () => {
    const packed = gzipSync("x".repeat(1_000_000));
    const { url } = await receiver({ act: "answer", headers: { "content-encoding": "gzip" }, body: packed });
    const answer = await open().send(post(url));
    expect(answer.kind === "answered" && answer.body.length).toBe(packed.length);
  });

  test("over the limit is cut, and the connection kept when little is left", async () => {
    const server = await receiver({ act: "flood", bytes: 70_000 }, { act: "answer" });
    const egress = open();
    const cut = await egress.send(post(server.url));
    expect(cut).toMatchObject({ kind: "answered", status: 200, truncated: true });
    expect(cut.kind === "answered" && cut.body.length).toBe(65_536);
    await settled();
    await egress.send(post(server.url));
    expect(server.connections()).toBe(1);
  });

  test("of 1 GB is cut and not read", async () => {
    const server = await receiver({ act: "flood", bytes: 2 ** 30 }, { act: "answer" });
    const egress = open();
    const answer = await egress.send(post(server.url));
    expect(answer).toMatchObject({ kind: "answered", truncated: true });
    await sleep(systemClock, 300);
    expect(server.flooded()).toBeLessThan(32 * 2 ** 20);
    expect(await egress.send(post(server.url))).toMatchObject({ kind: "answered", truncated: false });
    expect(server.connections()).toBe(2);
  });

  test("over the limit is refused when it is to be", async () => {
    const body = "x".repeat(300_000);
    const server = await receiver(
      { act: "flood", bytes: 2 ** 30 },
      { act: "answer", headers: { "content-length": "300000" }, body },
    );
    const egress = open();
    const limits = { answerBytesMax: 262_144, overLimit: "refuse" } as const;
    expect(await egress.send(post(server.url, limits))).toMatchObject({
      kind: "too-large",
      detail: "the answer is larger than 256 KiB",
    });
    expect(await egress.send(post(server.url, limits))).toMatchObject({ kind: "too-large" });
    expect(server.flooded()).toBeLessThan(32 * 2 ** 20);
  });

  test("of exactly the limit is whole", async () => {
    const { url } = await receiver({ act: "answer", body: "x".repeat(65_536) });
    expect(await open().send(post(url))).toMatchObject({ kind: "answered", truncated: false });
    expect(await open().send(post(url, { overLimit: "refuse" }))).toMatchObject({
      kind: "answered",
      truncated: false,
    });
  });

  test("after a 103 is the one that counts", async () => {
    const answer = "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n";
    const { port } = await rawServer((socket) => socket.once("data", () => socket.write(answer)));
    expect(await open().send(post(`http://127.0.0.1:${port}/`))).toMatchObject({
      kind: "answered",
      status: 204,
    });
  });
});

describe("time", () => {
  test("is over for one that only says that it will answer", async () => {
    const { port } = await rawServer((socket) => socket.write("HTTP/1.1 103 Early Hints\r\n\r\n"));
    const answer = await open().send(post(`http://127.0.0.1:${port}/`, { timeoutMs: 300 }));
    expect(answer).toMatchObject({ kind: "timed-out", detail: "there was no answer within 0.3 s" });
  });

  test.each([
    ["never answers", { act: "never" }, "there was no answer within 0.3 s"],
    [
      "answers byte by byte",
      { act: "drip", bytes: 10_000, everyMs: 20 },
      "the answer (status 200) did not end within 0.3 s",
    ],
  ] as const)("is over for one that %s", async (_name, behaviour, detail) => {
    const { url } = await receiver(behaviour);
    const answer = await open().send(post(url, { timeoutMs: 300 }));
    expect(answer).toMatchObject({ kind: "timed-out", detail, connected: true });
    expect(answer.elapsedMs).toBeGreaterThan(200);
  });

  test("is over for one whose connections are all taken", async () => {
    const server = await receiver({ act: "never" });
    const clock = virtualClock();
    const egress = open({ clock });
    const taken = Array.from({ length: poolLimits.connectionsPerOriginMax }, () =>
      egress.send(post(server.url, { timeoutMs: 600_000 })),
    );
    await server.arrived(taken.length);
    const late = egress.send(post(server.url, { timeoutMs: 400 }));
    await clock.advance(400);
    expect(await late).toMatchObject({ kind: "timed-out", connected: false, elapsedMs: 400 });
    await clock.advance(600_000);
    const answers = await Promise.all(taken);
    expect(answers.every((answer) => answer.kind === "timed-out" && answer.connected)).toBe(true);
    // Connections are free again, but nobody waits for the one that was never sent.
    await sleep(systemClock, 100);
    expect(server.requests).toHaveLength(taken.length);
  });

  test("of the exchange is the clock's that was handed in", async () => {
    const server = await receiver({ act: "never" });
    const clock = virtualClock();
    const answer = open({ clock }).send(post(server.url, { timeoutMs: 600_000 }));
    await server.arrived(1);
    await clock.advance(599_999);
    expect(server.requests).toHaveLength(1);
    await clock.advance(1);
    expect(await answer).toMatchObject({ kind: "timed-out", elapsedMs: 600_000 });
    expect(clock.waiting).toBe(0);
  });

  test("to look a name up has a ceiling of its own", async () => {
    const clock = virtualClock();
    const egress = open({ clock, lookup: () => new Promise(() => {}) });
    const answer = egress.send(post("http://hook.example/", { timeoutMs: 60_000 }));
    await clock.advance(lookupLimits.lookupMsMax);
    expect(await answer).toMatchObject({
      kind: "unreachable",
      code: "lookup-timed-out",
      connected: false,
      elapsedMs: 5_000,
    });
    // A look-up that hangs does not stand in the way of the next.
    const again = egress.send(post("http://hook.example/", { timeoutMs: 60_000 }));
    await clock.advance(lookupLimits.lookupMsMax);
    expect(await again).toMatchObject({ code: "lookup-timed-out", elapsedMs: 5_000 });
  });

  test("to connect has a ceiling of its own", async () => {
    const clock = virtualClock();
    const { port } = await rawServer(() => {});
    const answer = open({ clock }).send(post(`https://127.0.0.1:${port}/`, { timeoutMs: 60_000 }));
    await clock.advance(0);
    await sleep(systemClock, 100);
    await clock.advance(connectLimits.connectMsMax);
    expect(await answer).toMatchObject({ kind: "unreachable", code: "connect-timed-out", connected: false });
  });

  test("leaves no timer behind, and nothing that listens to the signal", async () => {
    const { url } = await receiver();
    const clock = virtualClock();
    const egress = open({ clock });
    const { signal } = new AbortController();
    expect(await egress.send(post(url, { signal }))).toMatchObject({ kind: "answered" });
    expect(clock.waiting).toBe(0);
  });
});

describe("what is not an answer", () => {
  test.each([
    ["reset", { act: "reset" }, /closed the connection/u],
    ["half an answer", { act: "break-off" }, /closed the connection/u],
    ["no HTTP", { act: "garbage" }, /is not HTTP/u],
    [
      "headers of 100 KB",
      { act: "answer", headers: { "x-long": "x".repeat(100_000) } },
      /headers of the answer/u,
    ],
  ] as const)("%s", async (_name, behaviour, detail) => {
    const { url } = await receiver(behaviour);
    expect(await open().send(post(url))).toMatchObject({
      kind: "unreachable",
      connected: true,
      detail: expect.stringMatching(detail),
    });
  });

  test("a closed port", async () => {
    const gone = await openReceiver();
    await gone.close();
    const answer = await open().send(post(gone.url));
    expect(answer).toMatchObject({
      kind: "unreachable",
      code: "ECONNREFUSED",
      connected: false,
      detail: expect.stringContaining("refused"),
    });
  });

  test("a name without an address", async () => {
    const missing = Object.assign(new Error("queryA ENOTFOUND"), { code: "ENOTFOUND" });
    const url = "http://no-such-name.example/";
    expect(await open({ lookup: () => Promise.reject(missing) }).send(post(url))).toMatchObject({
      code: "ENOTFOUND",
      connected: false,
    });
    expect(await open({ lookup: async () => [] }).send(post(url))).toMatchObject({
      code: "ENOTFOUND",
      connected: false,
    });
  });

  test("https where there is only http", async () => {
    const { port } = await receiver();
    const answer = await open().send(post(`https://127.0.0.1:${port}/`));
    expect(answer).toMatchObject({
      kind: "unreachable",
      connected: false,
      detail: expect.stringContaining("does not speak TLS"),
    });
  });

  test("a header that cannot be sent", async () => {
    const { url } = await receiver();
    expect(await open().send(post(url, { headers: { "x-bad": "a\r\nb: c" } }))).toMatchObject({
      kind: "unreachable",
    });
  });
});

describe("TLS", () => {
  test("is asked for the name in the URL, though it is an address that is connected to", async () => {
    const raw = await rawServer((socket) => socket.once("data", () => socket.destroy()));
    const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
    await open({ lookup }).send(post(`https://hook.example:${raw.port}/`));
    expect(Buffer.concat(raw.received).includes("hook.example")).toBe(true);
  });
});

describe("giving up", () => {
  test("by signal, before and after it was sent", async () => {
    const server = await receiver({ act: "never" });
    const egress = open();
    expect(await egress.send(post(server.url, { signal: AbortSignal.abort() }))).toMatchObject({
      kind: "stopped",
    });
    expect(server.requests).toHaveLength(0);
    const controller = new AbortController();
    const answer = egress.send(post(server.url, { signal: controller.signal }));
    await server.arrived(1);
    controller.abort();
    expect(await answer).toMatchObject({ kind: "stopped", connected: true });
  });

  test("by closing: what is under way ends, and nothing begins", async () => {
    const server = await receiver({ act: "never" });
    const egress = open();
    const answer = egress.send(post(server.url));
    await server.arrived(1);
    await egress.close();
    expect(await answer).toMatchObject({ kind: "stopped" });
    expect(await egress.send(post(server.url))).toMatchObject({ kind: "stopped", connected: false });
  });
});

test("an origin that hangs takes nothing from the others", async () => {
  const dead = await receiver({ act: "never" });
  const alive = await receiver();
  const egress = open();
  const lost = Array.from({ length: 200 }, () => egress.send(post(dead.url, { timeoutMs: 60_000 })));
  const good = await Promise.all(Array.from({ length: 50 }, () => egress.send(post(alive.url))));
  expect(good.every(({ kind }) => kind === "answered")).toBe(true);
  await egress.close();
  expect((await Promise.all(lost)).every(({ kind }) => kind === "stopped")).toBe(true);
});
