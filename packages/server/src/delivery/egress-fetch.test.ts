import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { type Behaviour, openReceiver, type Receiver } from "../testing/receiver.ts";
import { settled } from "../testing/virtual-clock.ts";
import { openEgress } from "./egress.ts";
import type { Egress } from "./egress-port.ts";
import { parseAllow } from "./guard-allow.ts";

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

async function receiver(...script: Behaviour[]): Promise<Receiver> {
  const one = await openReceiver({ script });
  opened.push(one);
  return one;
}

test("streams, sends what it is given, and asks for no compression", async () => {
  const { url, requests } = await receiver({ act: "drip", bytes: 3, everyMs: 10 });
  const init = {
    method: "POST",
    body: '{"a":1}',
    headers: { "content-type": "application/json", host: "evil.example" },
  };
  const answer = await open().fetch(url, init);
  expect([answer.status, await answer.text()]).toEqual([200, "xxx"]);
  expect(requests).toMatchObject([
    { body: '{"a":1}', headers: { "accept-encoding": "identity", "content-type": "application/json" } },
  ]);
  expect(requests[0]?.headers["host"]).toBe(new URL(url).host);
});

test("gives an answer that outlives a garbage collection before it is read", async () => {
  const { url } = await receiver({ act: "drip", bytes: 10, everyMs: 20 });
  const answer = await open().fetch(url);
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("there is no gc to call");
  for (let round = 0; round < 5; round += 1) {
    collect();
    await settled();
  }
  expect(await answer.text()).toBe("xxxxxxxxxx");
});

test("refuses what the guard refuses, and what it does not take", async () => {
  const { fetch } = open();
  await expect(fetch("http://10.0.0.1/")).rejects.toMatchObject({ refusal: { rule: "private" } });
  await expect(fetch("http://127.0.0.1/", { method: "POST", body: new FormData() })).rejects.toThrow(
    "body of text",
  );
  await expect(fetch(new Request("http://127.0.0.1/"))).rejects.toThrow("a URL, not a Request");
});

test("ends with its signal", async () => {
  const server = await receiver({ act: "never" });
  const controller = new AbortController();
  const answer = open().fetch(server.url, { signal: controller.signal });
  await server.arrived(1);
  controller.abort();
  await expect(answer).rejects.toMatchObject({ name: "AbortError" });
});
