import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { openRawServer, type RawServer } from "../testing/listening.ts";
import { settled } from "../testing/virtual-clock.ts";
import { openEgress } from "./egress.ts";
import type { Egress, EgressAnswer } from "./egress-port.ts";
import { parseAllow } from "./guard-allow.ts";

/** Connections that are kept open, and closed by the other side at the moment when they are used again. */
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

const accepted = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/** Does to the n-th request of a connection (from 1) what it is told. */
async function server(act: (socket: Socket, request: number) => void): Promise<RawServer> {
  const one = await openRawServer((socket) => {
    let requests = 0;
    socket.on("data", (data) => {
      if (data.includes("POST ")) act(socket, (requests += 1));
    });
  }, "127.0.0.1");
  opened.push(one);
  return one;
}

const answersOnce = (close: (socket: Socket) => void) => (socket: Socket, request: number) => {
  if (request === 1) socket.write(accepted);
  else close(socket);
};

function open(): Egress {
  const allowed = parseAllow("loopback");
  if (allowed.kind === "faults") throw new Error("loopback is known");
  const egress = openEgress({ rules: allowed.rules, clock: systemClock });
  opened.push(egress);
  return egress;
}

async function post(egress: Egress, { port }: RawServer, repeatable: boolean): Promise<EgressAnswer> {
  const url = `http://127.0.0.1:${port}/`;
  const limits = { timeoutMs: 30_000, answerBytesMax: 1_000, overLimit: "cut", repeatable } as const;
  const answer = await egress.send({
    url,
    method: "POST",
    headers: { "webhook-id": "evt_1" },
    body: "{}",
    ...limits,
  });
  await settled();
  return answer;
}

const sent = (one: RawServer): number =>
  Buffer.concat([...one.received])
    .toString()
    .split("POST / ").length - 1;

describe("a connection that served before, and is closed as it is used again", () => {
  test.each([
    ["closed", (socket: Socket) => socket.destroy()],
    ["ended", (socket: Socket) => socket.end()],
    ["reset", (socket: Socket) => socket.resetAndDestroy()],
  ])("(%s) does not fail an event: it goes out once more, on a new one", async (_how, close) => {
    const one = await server(answersOnce(close));
    const egress = open();
    expect(await post(egress, one, true)).toMatchObject({ kind: "answered" });
    const second = await post(egress, one, true);
    expect(second).toMatchObject({ kind: "answered", phases: { connectMs: expect.any(Number) } });
    expect([sent(one), one.connections()]).toEqual([3, 2]);
  });

  test("fails what may not be sent twice", async () => {
    const one = await server(answersOnce((socket) => socket.destroy()));
    const egress = open();
    expect(await post(egress, one, false)).toMatchObject({ kind: "answered" });
    const second = await post(egress, one, false);
    expect(second).toMatchObject({
      kind: "unreachable",
      connected: true,
      detail: expect.stringContaining("closed the connection"),
    });
    expect(sent(one)).toBe(2);
  });

  test("after the beginning of an answer fails: the request was understood", async () => {
    const one = await server(
      answersOnce((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf")),
    );
    const egress = open();
    await post(egress, one, true);
    expect(await post(egress, one, true)).toMatchObject({ kind: "unreachable", connected: true });
    expect(sent(one)).toBe(2);
  });
});

test("a new connection that is closed without an answer is a failure at once", async () => {
  const one = await server((socket) => socket.destroy());
  expect(await post(open(), one, true)).toMatchObject({ kind: "unreachable", connected: true });
  expect([sent(one), one.connections()]).toEqual([1, 1]);
});

test("one that closes every connection after one answer is sent an event at most four times", async () => {
  const one = await server(answersOnce((socket) => socket.destroy()));
  const egress = open();
  const answers = [];
  for (let round = 0; round < 5; round += 1)
    answers.push(...(await Promise.all(Array.from({ length: 20 }, () => post(egress, one, true)))));
  expect(answers.filter(({ kind }) => kind === "answered").length).toBeGreaterThanOrEqual(20);
  expect(sent(one)).toBeLessThanOrEqual(answers.length * 4);
});
