import { afterEach, expect, test } from "vitest";
import { openReceiver } from "../testing/receiver.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { guardedConnector } from "./egress-connect.ts";
import { openPools, poolLimits, type Pools } from "./pools.ts";

const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

function open(clock = virtualClock()): Pools {
  const connector = () => () => {
    throw new Error("nothing is connected to in this test");
  };
  const pools = openPools({ clock, connector, times: { headersMsMax: 1_000, silenceMsMax: 1_000 } });
  opened.push(pools);
  return pools;
}

const origin = (number: number): string => `http://host-${number}.example`;

test("an origin keeps its pool", () => {
  const pools = open();
  expect(pools.poolOf(origin(1))).toBe(pools.poolOf(origin(1)));
  expect(pools.poolOf(origin(1))).not.toBe(pools.poolOf(origin(2)));
});

test("there are never more than so many, and the longest unused goes first", () => {
  const pools = open();
  const first = pools.poolOf(origin(0));
  const second = pools.poolOf(origin(1));
  for (let number = 2; number < poolLimits.originsMax; number += 1) pools.poolOf(origin(number));
  pools.poolOf(origin(0));
  pools.poolOf(origin(poolLimits.originsMax));
  expect([first.closed, second.closed]).toEqual([false, true]);
  expect(pools.poolOf(origin(1))).not.toBe(second);
});

test("one that nobody used for a minute goes when the next comes", async () => {
  const clock = virtualClock();
  const pools = open(clock);
  const idle = pools.poolOf(origin(1));
  await clock.advance(poolLimits.idleOriginMsMax - 1);
  const used = pools.poolOf(origin(2));
  expect(idle.closed).toBe(false);
  await clock.advance(1);
  pools.poolOf(origin(3));
  expect([idle.closed, used.closed]).toEqual([true, false]);
});

test("closing ends what is under way, also in a pool that made room", async () => {
  const clock = virtualClock();
  const receiver = await openReceiver({ script: [{ act: "never" }] });
  opened.push(receiver);
  const rules = { networks: [], names: ["127.0.0.1.example"] };
  const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
  const connector = () => guardedConnector({ rules, clock, lookup });
  const pools = openPools({ clock, connector, times: { headersMsMax: 60_000, silenceMsMax: 60_000 } });
  const asked = pools
    .poolOf(`http://127.0.0.1.example:${receiver.port}`)
    .request({ path: "/", method: "GET" });
  const ended = asked.then(
    () => "answered",
    (error: unknown) => String(error),
  );
  await receiver.arrived(1);
  for (let number = 0; number <= poolLimits.originsMax; number += 1) pools.poolOf(origin(number));
  await pools.close();
  expect(await ended).toContain("the server stops");
});
