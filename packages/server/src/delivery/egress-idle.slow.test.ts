import { afterEach, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { openReceiver } from "../testing/receiver.ts";
import { openRawServer } from "../testing/listening.ts";
import { openEgress } from "./egress.ts";
import type { Egress } from "./egress-port.ts";
import { parseAllow } from "./guard-allow.ts";
import { poolLimits } from "./pools.ts";

/** How long connections are kept that nobody uses; in real time, for undici keeps it. */
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

function open(): Egress {
  const allowed = parseAllow("loopback");
  if (allowed.kind === "faults") throw new Error("loopback is known");
  const egress = openEgress({ rules: allowed.rules, clock: systemClock });
  opened.push(egress);
  return egress;
}

/** Answers once on every connection, and notes how long it then stays open, in ms. */
async function idler(headers: string) {
  const openForMs: number[] = [];
  const server = await openRawServer((socket) => {
    socket.once("data", () => {
      const answeredAt = systemClock.now();
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 0\r\n${headers}\r\n`);
      socket.on("close", () => openForMs.push(systemClock.now() - answeredAt));
    });
  }, "127.0.0.1");
  opened.push(server);
  return { openForMs, url: `http://127.0.0.1:${server.port}/` };
}

const post = (egress: Egress, url: string) =>
  egress.send({
    url,
    method: "POST",
    headers: {},
    body: "{}",
    timeoutMs: 15_000,
    answerBytesMax: 1_000,
    overLimit: "cut",
    repeatable: true,
  });

test("a connection that nobody uses is closed after a few seconds", async () => {
  const { openForMs, url } = await idler("");
  expect(await post(open(), url)).toMatchObject({ kind: "answered" });
  await expect.poll(() => openForMs.length, { timeout: 30_000 }).toBe(1);
  expect(openForMs[0]).toBeGreaterThan(poolLimits.idleConnectionMsMax - 1_000);
});

test("one that the other side says it will close in a second is not used again", async () => {
  const { openForMs, url } = await idler("connection: keep-alive\r\nkeep-alive: timeout=1\r\n");
  const egress = open();
  for (let time = 1; time <= 3; time += 1) {
    expect(await post(egress, url)).toMatchObject({ kind: "answered" });
    await expect.poll(() => openForMs.length, { timeout: 30_000 }).toBe(time);
  }
});

test("a burst opens no more than its connections", async () => {
  const receiver = await openReceiver();
  opened.push(receiver);
  const egress = open();
  const all = await Promise.all(Array.from({ length: 500 }, () => post(egress, receiver.url)));
  expect(all.every(({ kind }) => kind === "answered")).toBe(true);
  expect(receiver.connections()).toBeLessThanOrEqual(poolLimits.connectionsPerOriginMax);
});
