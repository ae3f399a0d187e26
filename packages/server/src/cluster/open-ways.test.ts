import { expect, test } from "vitest";
import type { Store } from "../store.ts";
import { silentLog } from "../log.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { openWays } from "./open-ways.ts";

function open(isShared: boolean) {
  const clock = virtualClock();
  const secrets = new Map<string, string>();
  const store: Pick<Store, "isShared" | "lastPosition" | "keepSecret"> = {
    isShared,
    lastPosition: async () => 1,
    keepSecret: async ({ name, value }) => {
      secrets.set(name, secrets.get(name) ?? value);
      return secrets.get(name) ?? "";
    },
  };
  const parts = { store, nats: undefined, clock, random: seededRandom(), log: silentLog };
  return { clock, ways: openWays(parts) };
}

const ask = () => new Request("http://here/internal/v1/ask", { method: "POST", body: "{}" });

test("a server that has its store alone looks for nothing, and has no door for others", async () => {
  const { clock, ways } = open(false);
  const { bus, door, close } = await ways;
  bus.watch({ teamId: "ours" as Parameters<typeof bus.watch>[0]["teamId"] }, () => undefined);
  expect(clock.waiting).toBe(0);
  expect(door(ask())).toBe(undefined);
  await close();
});

test("servers that share a store look for news, and answer each other over HTTP", async () => {
  const { clock, ways } = open(true);
  const { bus, door, close } = await ways;
  const stop = bus.watch({ teamId: "ours" as Parameters<typeof bus.watch>[0]["teamId"] }, () => undefined);
  expect(clock.waiting).toBe(1);
  stop();
  expect((await door(ask()))?.status).toBe(404);
  expect(door(new Request("http://here/calls"))).toBe(undefined);
  await close();
});
