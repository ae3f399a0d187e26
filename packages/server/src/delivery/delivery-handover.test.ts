import { describe, expect, it } from "vitest";
import { sleep } from "../clock.ts";
import type { Store } from "../store.ts";
import { openLocalStore } from "../store/sqlite/sqlite-store.ts";
import { becomes, spoken, untold } from "../store/testing/samples.ts";
import { deliveryLimits } from "./delivery-limits.ts";
import { healthLimits } from "./receiver-health.ts";
import { postOffice } from "./testing/post-office.ts";

const second = 1_000;
const threeEvents = [becomes("queued"), untold, becomes("ongoing"), spoken("Hello")];

describe("what is handed over", () => {
  it("before the delivery runs is told when it runs", async () => {
    const office = postOffice();
    const delivery = office.open();
    await office.call(1).writes(threeEvents, delivery);
    const running = new AbortController();
    void delivery.run(running.signal);
    await office.clock.advance(2 * deliveryLimits.lookEveryMs);
    running.abort();
    expect(office.posted).toHaveLength(3);
  });

  it("after something that was not handed over is told after it, without a fault", async () => {
    const office = postOffice();
    const { delivery, stop } = office.start();
    await office.clock.advance(second);
    const call = office.call(1);
    await call.writes(threeEvents);
    await call.writes([becomes("finished")], delivery);
    await office.clock.advance(second / 2);
    expect(office.posted.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect(office.faults).toEqual([]);
    await stop();
  });

  it("while the store writes down what came before is told at once", async () => {
    const store = openLocalStore();
    const pause = { until: async (): Promise<void> => undefined };
    // As a store on a thread does: it has written, and its answer is some time on its way.
    const settle: Store["settle"] = async (query) => {
      const row = await store.settle(query);
      await pause.until();
      return row;
    };
    const office = postOffice({ store: { ...store, settle } });
    pause.until = () => sleep(office.clock, 50);
    const { delivery, stop } = office.start();
    const call = office.call(1);
    await call.writes([becomes("queued")], delivery);
    await office.clock.advance(30);
    await call.writes([spoken("Hello")], delivery);
    await office.clock.advance(100);
    expect(office.posted.map(({ at, sequence }) => [at, sequence])).toEqual([
      [0, 1],
      [60, 2],
    ]);
    await stop();
  });

  it.each(Array.from({ length: 40 }, (_, steps) => steps))(
    "%i steps after the store has answered is told at once",
    async (steps) => {
      const store = openLocalStore();
      const after = { settling: (): void => undefined };
      const settle: Store["settle"] = async (query) => {
        const row = await store.settle(query);
        after.settling();
        // Long enough for the other's write to be on disk, and its hand-over to come before, between or after.
        for (let step = 0; step < 20; step += 1) await Promise.resolve();
        return row;
      };
      const office = postOffice({ store: { ...store, settle } });
      const { delivery, stop } = office.start();
      const call = office.call(1);
      const written = Promise.withResolvers<void>();
      after.settling = () => {
        after.settling = () => undefined;
        void (async () => {
          for (let step = 0; step < steps; step += 1) await Promise.resolve();
          await call.writes([spoken("Hello")], delivery);
          written.resolve();
        })();
      };
      await call.writes([becomes("queued")], delivery);
      await office.clock.advance(10);
      await written.promise;
      await office.clock.advance(100);
      expect(office.posted.map(({ sequence }) => sequence)).toEqual([1, 2]);
      await stop();
    },
  );

  it("is told once, though a look at the store is still on its way with what it was before", async () => {
    const store = openLocalStore();
    const look = { takes: 0 };
    // As a reading thread does: it has read, and its answer is some time on its way.
    const dueLanes: Store["dueLanes"] = async (query) => {
      const rows = await store.dueLanes(query);
      if (look.takes > 0) await sleep(office.clock, look.takes);
      return rows;
    };
    const office = postOffice({ store: { ...store, dueLanes } });
    const { delivery, stop } = office.start();
    await office.clock.advance(second);
    const call = office.call(1);
    await call.writes([becomes("queued")], delivery);
    look.takes = 50;
    delivery.wake();
    await office.clock.advance(second);
    expect(office.posted.map(({ sequence }) => sequence)).toEqual([1]);
    await call.writes([spoken("Hello")], delivery);
    await office.clock.advance(second);
    expect(office.posted.map(({ sequence }) => sequence)).toEqual([1, 2]);
    await stop();
  });

  it("is told once and in order, though the store's answer to an earlier write comes after later ones", async () => {
    const store = openLocalStore();
    const late = { ms: 0 };
    // As a store with several connections does: each has written in order, and one answer is long on its way.
    const append: Store["append"] = async (commit) => {
      const result = await store.append(commit);
      const { ms } = late;
      late.ms = 0;
      if (ms > 0) await sleep(office.clock, ms);
      return result;
    };
    const office = postOffice({ store: { ...store, append } });
    const { delivery, stop } = office.start();
    const call = office.call(1);
    await call.writes([becomes("queued")], delivery);
    await office.clock.advance(second);
    late.ms = 5 * second;
    const overtaken = call.writes([spoken("one")], delivery);
    await office.clock.advance(second);
    await call.writes([spoken("two")], delivery);
    await office.clock.advance(second);
    expect(office.posted.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    await office.clock.advance(5 * second);
    await overtaken;
    await call.writes([spoken("three")], delivery);
    await office.clock.advance(second);
    expect(office.posted.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect(office.faults).toEqual([]);
    await stop();
  });

  it("while its call waits for its turn is told in its place, without a fault", async () => {
    const office = postOffice({ receiver: () => ({ outcome: "accepted", tookMs: second }) });
    const calls = Array.from({ length: healthLimits.shareAtFirst + 1 }, (_, index) => office.call(index + 1));
    for (const call of calls) await call.writes(threeEvents);
    const { delivery, stop } = office.start();
    await office.clock.advance(second / 2);
    const last = calls.at(-1);
    expect(office.posted.map(({ callId }) => callId)).not.toContain(last?.callId);
    await last?.writes([becomes("finished")], delivery);
    await office.clock.advance(20 * second);
    const told = office.posted.filter(({ callId }) => callId === last?.callId);
    expect(told.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect(office.faults).toEqual([]);
    await stop();
  });

  it("after the delivery was stopped is left in the store", async () => {
    const office = postOffice();
    const first = office.start();
    await first.stop();
    await office.call(1).writes(threeEvents, first.delivery);
    await office.clock.advance(second);
    expect(office.posted).toHaveLength(0);
    const again = office.start();
    await office.clock.advance(second);
    expect(office.posted).toHaveLength(3);
    await again.stop();
  });
});
