import { makeCallId, type TeamId } from "@offhook/protocol";
import { describe, expect, test } from "vitest";
import type { News } from "../bus.ts";
import { silentLog } from "../log.ts";
import { settled, virtualClock } from "../testing/virtual-clock.ts";
import { openBus } from "./in-process.ts";
import { lookingBus, lookingLimits } from "./looking-bus.ts";
import { busContract } from "./testing/bus-contract.ts";

const teamId = "ours" as TeamId;
const callId = makeCallId("chat", "11111111-1111-4111-8111-111111111111");
const gap: News = { kind: "gap", teamId, callId };
const live: News = { kind: "live", teamId, callId, update: { type: "delta", messageId: "m", text: "x" } };

function open() {
  const clock = virtualClock();
  const store = { position: 0, looks: 0, answers: true };
  const inner = openBus();
  const lastPosition = async (): Promise<number> => {
    store.looks += 1;
    if (!store.answers) throw new Error("the store is away");
    return store.position;
  };
  const bus = lookingBus({ bus: inner, store: { lastPosition }, clock, log: silentLog });
  const heard: News[] = [];
  const look = () => clock.advance(lookingLimits.lookEveryMs);
  return { bus, clock, store, heard, look };
}

busContract("looking", async () => {
  const { bus } = open();
  return { bus, other: bus, close: async () => undefined };
});

describe("a bus that looks", () => {
  test("sends a watcher that heard nothing to the store, while something is written", async () => {
    const { bus, store, heard, look } = open();
    bus.watch({ teamId, callId }, (news) => heard.push(news));
    store.position = 1;
    await look();
    expect(heard).toEqual([gap]);
    store.position = 2;
    await look();
    expect(heard).toEqual([gap, gap]);
  });

  test("looks once more after the last move, and then leaves the store's entries alone", async () => {
    const { bus, store, heard, look } = open();
    bus.watch({ teamId }, (news) => heard.push(news));
    store.position = 1;
    await look();
    await look();
    expect(heard).toHaveLength(2);
    await look();
    await look();
    expect(heard).toHaveLength(2);
  });

  test("spares who has heard something, but not for what is only shown live", async () => {
    const { bus, store, heard, look } = open();
    bus.watch({ teamId, callId }, (news) => heard.push(news));
    store.position = 1;
    bus.publish(gap);
    await look();
    expect(heard).toEqual([gap]);
    store.position = 2;
    bus.publish(live);
    await look();
    expect(heard).toEqual([gap, live, gap]);
  });

  test("sends only so many at a time, and the others next", async () => {
    const { bus, store, look } = open();
    const counts = Array.from({ length: lookingLimits.watchersMax + 1 }, () => 0);
    for (const index of counts.keys())
      bus.watch({ teamId, callId }, () => (counts[index] = (counts[index] ?? 0) + 1));
    store.position = 1;
    await look();
    expect(counts.filter((count) => count === 0)).toHaveLength(1);
    await look();
    expect(counts.every((count) => count > 0)).toBe(true);
  });

  test("asks nothing of the store, and holds no timer, where nobody watches", async () => {
    const { bus, clock, store, look } = open();
    expect(clock.waiting).toBe(0);
    const stop = bus.watch({ teamId }, () => undefined);
    stop();
    await look();
    const { looks } = store;
    await look();
    await look();
    expect(store.looks).toBe(looks);
    expect(clock.waiting).toBe(0);
  });

  test("goes on after the store was away", async () => {
    const { bus, store, heard, look } = open();
    bus.watch({ teamId, callId }, (news) => heard.push(news));
    store.answers = false;
    await look();
    expect(heard).toEqual([]);
    store.answers = true;
    await look();
    await settled();
    expect(heard).toEqual([gap]);
  });
});
