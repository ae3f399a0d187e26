import { describe, expect, it } from "vitest";
import { sleep } from "../clock.ts";
import type { Log } from "../log.ts";
import { type Store, StoreError } from "../store.ts";
import { openLocalStore } from "../store/sqlite/sqlite-store.ts";
import { laneOf } from "../store/testing/opened.ts";
import { becomes, sampleCallId, settlement, spoken, untold } from "../store/testing/samples.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { settled } from "../testing/virtual-clock.ts";
import { deliveryLimits } from "./delivery-limits.ts";
import { downBetween, postOffice, type Receiver } from "./testing/post-office.ts";

const second = 1_000;
const threeEvents = [becomes("queued"), untold, becomes("ongoing"), spoken("Hello")];

/** A store whose method fails so many times; the others work. */
function failingStore(
  method: "dueLanes" | "nextDueAt" | "settle" | "entriesOfCall" | "missedBefore",
  times: number,
): Store {
  const store = openLocalStore();
  let left = times;
  const fail = (): void => {
    if (left === 0) return;
    left -= 1;
    throw new StoreError("unavailable", "The store is away.");
  };
  return {
    ...store,
    [method]: async (query: never) => {
      fail();
      const answer: unknown = await store[method](query);
      return answer;
    },
  };
}

describe("a store that fails", () => {
  it.each([
    ["dueLanes", 3],
    ["nextDueAt", 3],
    ["entriesOfCall", 3],
  ] as const)(
    "in %s %d times is asked again after a pause, and everything is told once",
    async (method, times) => {
      const errors: string[] = [];
      const log: Log = { debug() {}, info() {}, warn() {}, error: (message) => void errors.push(message) };
      const office = postOffice({ store: failingStore(method, times), log });
      const call = office.call(1);
      await call.writes(threeEvents);
      const { stop } = office.start();
      await office.clock.advance(times * deliveryLimits.storePauseMs + 100);
      expect(office.posted.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
      expect(errors).toHaveLength(times);
      await stop();
    },
  );

  it("in settle after an event was accepted has it told again, in the same bytes, and the rest in order", async () => {
    const office = postOffice({ store: failingStore("settle", 2) });
    const { delivery, stop } = office.start();
    const call = office.call(1);
    await call.writes(threeEvents, delivery);
    await office.clock.advance(5 * second);
    expect(office.posted.map(({ sequence }) => sequence)).toEqual([1, 1, 1, 2, 3]);
    expect(new Set(office.posted.slice(0, 3).map(({ body }) => body)).size).toBe(1);
    expect(await office.store.findLane(call.callId)).toMatchObject({ settled: 3, dueAt: null });
    await stop();
  });

  it("for one call does not stop the others", async () => {
    const store = openLocalStore();
    const broken = sampleCallId(1);
    const entriesOfCall: Store["entriesOfCall"] = async (query) => {
      if (query.callId === broken) throw new StoreError("corrupt", "A page is torn.");
      return store.entriesOfCall(query);
    };
    const office = postOffice({ store: { ...store, entriesOfCall } });
    for (const number of [1, 2, 3]) await office.call(number).writes(threeEvents);
    const { stop } = office.start();
    await office.clock.advance(second / 2);
    expect(office.posted.map(({ callId }) => callId)).not.toContain(broken);
    expect(office.posted).toHaveLength(6);
    await stop();
  });

  it("and comes back before the delivery is stopped leaves nothing behind", async () => {
    const office = postOffice({ store: failingStore("settle", 1) });
    const { delivery, stop } = office.start();
    await office.call(1).writes(threeEvents, delivery);
    await office.clock.advance(deliveryLimits.storePauseMs / 2);
    await stop();
    const again = office.start();
    await office.clock.advance(second);
    expect(office.posted.map(({ sequence }) => sequence)).toEqual([1, 1, 2, 3]);
    await again.stop();
  });
});

describe("being told to look", () => {
  it("finds what another has put in the store, at once", async () => {
    const office = postOffice();
    const { delivery, stop } = office.start();
    await office.clock.advance(second);
    await office.call(1).writes(threeEvents);
    await office.clock.advance(second);
    expect(office.posted).toHaveLength(0);
    delivery.wake();
    await office.clock.advance(100);
    expect(office.posted).toHaveLength(3);
    await stop();
  });

  it("is not needed: within a minute it looks by itself", async () => {
    const office = postOffice();
    const { stop } = office.start();
    await office.clock.advance(second);
    await office.call(1).writes(threeEvents);
    await office.clock.advance(deliveryLimits.lookEveryMs);
    expect(office.posted).toHaveLength(3);
    await stop();
  });

  it("is not needed though the next retry is hours away", async () => {
    const office = postOffice({
      receiver: ({ sequence }) => ({ outcome: sequence === 1 ? "refused" : "accepted" }),
    });
    const { delivery, stop } = office.start();
    await office.call(1).writes([becomes("queued")], delivery);
    await office.clock.advance(20 * 3_600 * second);
    const before = office.posted.length;
    await office.call(2).writes([becomes("queued")]);
    await office.clock.advance(deliveryLimits.lookEveryMs);
    expect(office.posted[before]?.callId).toBe(sampleCallId(2));
    await stop();
  });

  it("is not needed for a retry, though another comes later", async () => {
    const receiver: Receiver = ({ attempt }) => ({ outcome: attempt === 1 ? "refused" : "accepted" });
    const office = postOffice({ receiver, random: { ...seededRandom(), fraction: () => 0.5 } });
    const { delivery, stop } = office.start();
    await office.call(1).writes([becomes("queued")], delivery);
    await office.clock.advance(second / 2);
    await office.call(2).writes([becomes("queued")], delivery);
    await office.clock.advance(5 * second);
    expect(office.posted.map(({ at, callId }) => [at, callId])).toEqual([
      [0, sampleCallId(1)],
      [500, sampleCallId(2)],
      [1_010, sampleCallId(1)],
      [1_510, sampleCallId(2)],
    ]);
    await stop();
  });

  it("many times opens each lane once", async () => {
    const office = postOffice({ receiver: () => ({ outcome: "accepted", tookMs: 100 }) });
    const { delivery, stop } = office.start();
    await office.call(1).writes(threeEvents);
    for (let time = 0; time < 20; time += 1) {
      delivery.wake();
      await office.clock.advance(25);
    }
    await office.clock.advance(second);
    expect(office.posted.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    await stop();
  });

  it("while it looks makes it look again", async () => {
    const store = openLocalStore();
    let release = (): void => {};
    const isHeld = { now: false };
    // As a store on a thread does: what was found is some time on its way.
    const dueLanes: Store["dueLanes"] = async (query) => {
      const found = await store.dueLanes(query);
      if (isHeld.now) await new Promise<void>((resolve) => (release = resolve));
      return found;
    };
    const office = postOffice({ store: { ...store, dueLanes } });
    const { delivery, stop } = office.start();
    await settled();
    isHeld.now = true;
    delivery.wake();
    await settled();
    await office.call(1).writes([becomes("queued")]);
    delivery.wake();
    isHeld.now = false;
    release();
    await office.clock.advance(second);
    expect(office.posted).toHaveLength(1);
    await stop();
  });
});

describe("waiting until all is told", () => {
  it("ends when nothing is due any more", async () => {
    const office = postOffice({ receiver: () => ({ outcome: "accepted", tookMs: 300 }) });
    const { delivery, stop } = office.start();
    await office.call(1).writes(threeEvents, delivery);
    const answers: boolean[] = [];
    void delivery.drained(10 * second).then((isDrained) => answers.push(isDrained));
    await office.clock.advance(800);
    expect(answers).toEqual([]);
    await office.clock.advance(200);
    expect(answers).toEqual([true]);
    await stop();
  });

  it("is given up after its limit", async () => {
    const office = postOffice({ receiver: () => ({ outcome: "accepted", tookMs: 5 * second }) });
    const { delivery, stop } = office.start();
    await office.call(1).writes(threeEvents, delivery);
    const answers: boolean[] = [];
    void delivery.drained(2 * second).then((isDrained) => answers.push(isDrained));
    await office.clock.advance(2 * second);
    expect(answers).toEqual([false]);
    await stop();
  });

  it("does not wait for what only a retry will tell", async () => {
    const office = postOffice({ receiver: downBetween(0, 3_600 * second) });
    const { delivery, stop } = office.start();
    await office.call(1).writes(threeEvents, delivery);
    const answers: boolean[] = [];
    void delivery.drained(10 * second).then((isDrained) => answers.push(isDrained));
    await office.clock.advance(500);
    expect(answers).toEqual([true]);
    await stop();
  });

  it("does not end before it has looked into the store", async () => {
    const office = postOffice();
    await office.call(1).writes(threeEvents);
    const { delivery, stop } = office.start();
    const toldThen = delivery.drained(10 * second).then(() => office.posted.length);
    await office.clock.advance(second);
    expect(await toldThen).toBe(3);
    await stop();
  });

  it("does not end before it has looked, though it looks already", async () => {
    const store = openLocalStore();
    const clock = { wait: async (): Promise<void> => undefined };
    const dueLanes: Store["dueLanes"] = async (query) => {
      await clock.wait();
      return store.dueLanes(query);
    };
    const office = postOffice({ store: { ...store, dueLanes } });
    clock.wait = () => sleep(office.clock, 50);
    await office.call(1).writes(threeEvents);
    const { delivery, stop } = office.start();
    const toldThen = delivery.drained(10 * second).then(() => office.posted.length);
    await office.clock.advance(second);
    expect(await toldThen).toBe(3);
    await stop();
  });

  it("of one call ends when it is out as far as it can be now", async () => {
    const office = postOffice({ receiver: () => ({ outcome: "accepted", tookMs: 300 }) });
    const { delivery, stop } = office.start();
    const call = office.call(1);
    await call.writes(threeEvents, delivery);
    const ends: number[] = [];
    const begun = office.clock.now();
    const note = (): void => void ends.push(office.clock.now() - begun);
    void delivery.told(call.callId, 10 * second).then(note);
    void delivery.told(call.callId, 500).then(note);
    void delivery.told(sampleCallId(2), 500).then(note);
    await office.clock.advance(2 * second);
    expect(ends).toEqual([0, 500, 900]);
    await stop();
  });
});

describe("a lane that says it is due but has nothing to send", () => {
  it("does not keep the server busy for ever", async () => {
    const office = postOffice({ looksMax: 1_000 });
    const { delivery, stop } = office.start();
    const call = office.call(1);
    await call.writes([becomes("queued")], delivery);
    await office.clock.advance(second);
    const lane = await laneOf(office.store, call.callId);
    await office.store.settle(settlement(lane, { retryAt: office.clock.now() }));
    delivery.wake();
    await office.clock.advance(second);
    expect(office.looks(), "looks at the clock").toBeLessThan(1_000);
    expect(await office.store.findLane(call.callId)).toMatchObject({ dueAt: null });
    await stop();
  });
});
