import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { makeCallId, sign, type TeamId, toleranceSeconds } from "@offhook/protocol";
import { afterEach, describe, expect, test } from "vitest";
import { type Clock, systemClock } from "../clock.ts";
import { type Log, silentLog } from "../log.ts";
import { peerLimits, type PeerQuestion, type Peers } from "../peers.ts";
import { systemRandom } from "../random.ts";
import { firstOf } from "./first-of.ts";
import { type HttpPeers, openHttpPeers } from "./http.ts";
import { PeersInProcess } from "./testing/in-process.ts";
import { peersContract } from "./testing/peers-contract.ts";
import { writeAsked } from "./wire.ts";

const secret = "a key of all servers";
const callId = makeCallId("chat", "11111111-1111-4111-8111-111111111111");
const question: PeerQuestion = { ask: "leave", teamId: "ours" as TeamId, callId };

const opened = new Set<{ close(): Promise<void> }>();
afterEach(async () => {
  for (const one of opened) await one.close();
  opened.clear();
});

function open(given: { secret?: string; clock?: Clock; log?: Log } = {}): HttpPeers {
  const peers = openHttpPeers({ secret, clock: systemClock, random: systemRandom, log: silentLog, ...given });
  opened.add(peers);
  return peers;
}

/** Its door on a port; what is none of its requests is answered with 418. */
async function listen(peers: HttpPeers): Promise<string> {
  const answer = (request: Request) => peers.door(request) ?? new Response(null, { status: 418 });
  const listener = getRequestListener(answer);
  const server = createServer((request, response) => void listener(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.add({
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that does as it is asked, and counts. */
async function serving(given: Parameters<typeof open>[0] = {}) {
  const peers = open(given);
  const asked: PeerQuestion[] = [];
  peers
    .serve(async (one) => {
      asked.push(one);
      return { answer: "done" };
    })
    .standAs("node");
  return { url: await listen(peers), asked };
}

peersContract("http", async () => {
  const [here, there] = [open(), open()];
  const url = await listen(there);
  return { here, there, peerOf: (nodeId) => ({ nodeId, url }), close: async () => undefined };
});

/** Another way, by which the node is reached. */
function withNode(): Peers {
  const ways = new PeersInProcess();
  ways
    .open()
    .serve(async () => ({ answer: "done" }))
    .standAs("node");
  return ways.open();
}

type Signed = { id?: string; at?: number; with?: string; body?: string; sent?: string };

async function post(url: string, given: Signed = {}): Promise<number> {
  const {
    id = systemRandom.uuid(),
    at = systemClock.now(),
    body = writeAsked({ to: "node", question }),
  } = given;
  const timestamp = Math.floor(at / 1_000);
  const signature = await sign({ secret: given.with ?? secret, id, timestamp, body });
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signature,
  };
  return (await fetch(`${url}/internal/v1/ask`, { method: "POST", headers, body: given.sent ?? body }))
    .status;
}

test("a tool call is waited for as long as its own time, and a little", async () => {
  const peers = open();
  peers.serve(() => new Promise(() => undefined)).standAs("node");
  const url = await listen(peers);
  const begunAt = performance.now();
  const body = { id: "t1", callId, assistantId: null, name: "find", attempt: 1, body: "{}" };
  const offer: PeerQuestion = {
    ask: "offer",
    teamId: "ours" as TeamId,
    call: { ...body, timeoutMs: 300 },
  };
  expect(await open().ask({ nodeId: "node", url }, offer)).toEqual({ unreached: "no-answer" });
  const tookMs = performance.now() - begunAt;
  expect(tookMs).toBeGreaterThan(300 + peerLimits.graceMs - 100);
  expect(tookMs).toBeLessThan(peerLimits.askMaxMs - 500);
});

describe("the door for other servers", () => {
  test("opens to a signed question, once", async () => {
    const { url, asked } = await serving();
    const id = "one";
    expect(await post(url, { id })).toBe(200);
    expect(await post(url, { id })).toBe(404);
    expect(asked).toHaveLength(1);
  });

  test.each<[string, Signed]>([
    ["another key", { with: "another key" }],
    ["another body", { sent: writeAsked({ to: "node", question: { ...question, ask: "look" } }) }],
    ["too old", { at: systemClock.now() - (toleranceSeconds + 2) * 1_000 }],
    ["too new", { at: systemClock.now() + (toleranceSeconds + 60) * 1_000 }],
    ["too large", { body: " ".repeat(peerLimits.bytesMax + 1) }],
  ])("is not there for a question with %s", async (_name, given) => {
    const { url, asked } = await serving();
    expect(await post(url, given)).toBe(404);
    expect(asked).toEqual([]);
  });

  test("is not there without a signature, nor for another method, and other paths are not its own", async () => {
    const { url, asked } = await serving();
    const ask = `${url}/internal/v1/ask`;
    const body = writeAsked({ to: "node", question });
    expect((await fetch(ask, { method: "POST", body })).status).toBe(404);
    expect((await fetch(ask)).status).toBe(404);
    expect((await fetch(`${url}/internal/v1/other`)).status).toBe(418);
    expect(asked).toEqual([]);
  });

  test("says nothing of a fault inside, which goes to the log", async () => {
    const logged: string[] = [];
    const peers = open({ log: { ...silentLog, error: (message) => logged.push(message) } });
    peers.serve(() => Promise.reject(new Error("secret internals"))).standAs("node");
    const url = await listen(peers);
    expect(await open().ask({ nodeId: "node", url }, question)).toEqual({ unreached: "no-answer" });
    expect(logged).toEqual(["a question of another server failed"]);
  });
});

describe("asking over HTTP", () => {
  test("a server with another key does not answer: nothing was done", async () => {
    const { url, asked } = await serving({ secret: "another key" });
    expect(await open().ask({ nodeId: "node", url }, question)).toEqual({ unreached: "nobody" });
    expect(asked).toEqual([]);
  });

  test("nobody listens there: nothing was done, and the next way is tried", async () => {
    const peers = open();
    const peer = { nodeId: "node", url: "http://127.0.0.1:9" };
    expect(await peers.ask(peer, question)).toEqual({ unreached: "nobody" });
    const inProcess = withNode();
    expect(await firstOf(peers, inProcess).ask(peer, question)).toEqual({ answer: "done" });
  });

  test("whoever takes it and does not answer: nobody knows, and no other way is tried", async () => {
    const server = createServer((request) => request.resume().on("end", () => request.socket.destroy()));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    opened.add({ close: async () => void server.close() });
    const peer = { nodeId: "node", url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    const inProcess = withNode();
    expect(await firstOf(open(), inProcess).ask(peer, question)).toEqual({ unreached: "no-answer" });
  });

  test("an answer that is too large, or none of ours, is none", async () => {
    for (const text of ["x".repeat(peerLimits.bytesMax + 1), "{}", ""]) {
      const server = createServer((_request, response) => response.end(text));
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      opened.add({ close: async () => void server.close() });
      const peer = { nodeId: "node", url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
      expect(await open().ask(peer, question)).toEqual({ unreached: "no-answer" });
    }
  });
});
