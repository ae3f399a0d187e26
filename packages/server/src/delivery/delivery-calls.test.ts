import { describe, expect, it } from "vitest";
import type { Store } from "../store.ts";
import { openLocalStore } from "../store/sqlite/sqlite-store.ts";
import { becomes, sampleCallId } from "../store/testing/samples.ts";
import { deliveryLimits } from "./delivery-limits.ts";
import { healthLimits } from "./receiver-health.ts";
import { destinationAt, postOffice, type Receiver, sequencesOf, wholeCall } from "./testing/post-office.ts";

const second = 1_000;
const minute = 60 * second;

describe("many calls", () => {
  it("are told side by side, each in its order, and never more at a time than allowed", async () => {
    const office = postOffice({
      receiver: ({ sequence }) => ({ outcome: "accepted", tookMs: 100 + sequence }),
    });
    const { delivery, stop } = office.start();
    const destinations = Array.from({ length: 20 }, (_, index) => destinationAt(`app-${index}`));
    const calls = Array.from({ length: 800 }, (_, index) => {
      const destination = destinations[index % destinations.length];
      return office.call(index + 1, destination === undefined ? {} : { destination });
    });
    for (const happenings of wholeCall) for (const call of calls) await call.writes(happenings, delivery);
    await office.clock.advance(10 * second);
    for (const { callId } of calls) expect(sequencesOf(office.posted, callId)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(office.desk.most).toMatchObject({ ofOneCall: 1, inAll: deliveryLimits.teamSlots.first });
    expect(office.desk.most.atOneAddress).toBeLessThanOrEqual(deliveryLimits.receiverMax);
    await stop();
  });

  it("that wait in the store are all found: more than are taken in one look", async () => {
    const office = postOffice();
    const calls = Array.from({ length: deliveryLimits.lanesPerLook + 200 }, (_, index) =>
      office.call(index + 1),
    );
    for (const call of calls) await call.writes([becomes("queued"), becomes("ongoing")]);
    const { stop } = office.start();
    await office.clock.advance(10 * second);
    expect(new Set(office.posted.map(({ id }) => id)).size).toBe(2 * calls.length);
    await stop();
  });

  it("are not held up by one whose receiver does not answer", async () => {
    const slow = sampleCallId(1);
    const receiver: Receiver = ({ callId }) =>
      callId === slow ? { outcome: "timed-out", tookMs: 20 * second } : { outcome: "accepted" };
    const office = postOffice({ receiver });
    const { delivery, stop } = office.start();
    const calls = [1, 2, 3].map((number) => office.call(number));
    for (const happenings of wholeCall) for (const call of calls) await call.writes(happenings, delivery);
    await office.clock.advance(second);
    expect(calls.map(({ callId }) => sequencesOf(office.posted, callId).length)).toEqual([1, 7, 7]);
    await stop();
  });

  it("are not held up by another receiver of many calls that does not answer", async () => {
    const well = sampleCallId(1_000);
    const receiver: Receiver = ({ callId }) =>
      callId === well ? { outcome: "accepted" } : { outcome: "timed-out", tookMs: 20 * second };
    const office = postOffice({ receiver });
    const { delivery, stop } = office.start();
    for (let number = 1; number <= 400; number += 1)
      await office.call(number).writes([becomes("queued")], delivery);
    await office.clock.advance(100);
    await office.call(1_000, { destination: destinationAt("well") }).writes([becomes("queued")], delivery);
    await office.clock.advance(second);
    expect(sequencesOf(office.posted, well)).toEqual([1]);
    expect(office.desk.most.atOneAddress).toBe(healthLimits.shareAtFirst);
    await stop();
  });

  it("that wait in the store are not held up by another receiver of many calls that does not answer", async () => {
    const well = sampleCallId(1_000);
    const receiver: Receiver = ({ callId }) =>
      callId === well ? { outcome: "accepted" } : { outcome: "timed-out", tookMs: 20 * second };
    const office = postOffice({ receiver });
    for (let number = 1; number <= 600; number += 1) await office.call(number).writes([becomes("queued")]);
    await office.clock.advance(10);
    await office.call(1_000, { destination: destinationAt("well") }).writes([becomes("queued")]);
    const { stop } = office.start();
    await office.clock.advance(5 * second);
    expect(sequencesOf(office.posted, well)).toEqual([1]);
    await stop();
  });

  it("of forty dead receivers leave room for one that is well, at once and an hour later", async () => {
    const well = destinationAt("well");
    const receiver: Receiver = ({ url }) =>
      url === well.fallback.url ? { outcome: "accepted" } : { outcome: "timed-out", tookMs: 20 * second };
    const office = postOffice({ receiver });
    const { delivery, stop } = office.start();
    for (let number = 1; number <= 400; number += 1) {
      const destination = destinationAt(`dead-${number % 40}`);
      await office.call(number, { destination }).writes([becomes("queued")], delivery);
    }
    for (let hour = 0; hour < 2; hour += 1) {
      const call = office.call(2_000 + hour, { destination: well });
      await office.clock.advance(hour * 60 * minute);
      const writtenAt = office.clock.now();
      await call.writes([becomes("queued")], delivery);
      await office.clock.advance(second);
      const told = office.posted.find(({ callId }) => callId === call.callId);
      expect(told === undefined ? undefined : told.at + office.begin - writtenAt).toBe(0);
    }
    await stop();
  });

  it("of a receiver that was dead are told within seconds of its return", async () => {
    const office = postOffice({
      receiver: ({ at }) =>
        at < 60 * minute ? { outcome: "timed-out", tookMs: 20 * second } : { outcome: "accepted" },
    });
    const { delivery, stop } = office.start();
    const calls = Array.from({ length: 500 }, (_, index) => office.call(index + 1));
    for (const call of calls) await call.writes([becomes("queued"), becomes("ongoing")], delivery);
    await office.clock.advance(60 * minute);
    const tried = office.posted.length;
    // One at a time: three an minute, after those that were under way when it fell silent.
    expect(tried).toBeLessThan(8 + 3 * 60 + 5);
    await office.clock.advance(minute);
    const told = new Set(office.posted.slice(tried).map(({ id }) => id));
    expect(told.size).toBeGreaterThan(900);
    expect(office.desk.most.ofOneCall).toBe(1);
    await stop();
  });
});

describe("lanes that wait for their receiver", () => {
  it("are not read over and over", async () => {
    const store = openLocalStore();
    let read = 0;
    const dueLanes: Store["dueLanes"] = async (query) => {
      const rows = await store.dueLanes(query);
      read += rows.length;
      return rows;
    };
    const office = postOffice({
      store: { ...store, dueLanes },
      receiver: () => ({ outcome: "timed-out", tookMs: 20 * second }),
    });
    for (let number = 1; number <= 1_000; number += 1) await office.call(number).writes([becomes("queued")]);
    const { stop } = office.start();
    await office.clock.advance(minute);
    // Once when it starts, once when a minute is over, and what came due between; before, every look read all of them.
    expect(read).toBeGreaterThanOrEqual(1_000);
    expect(read).toBeLessThan(10_000);
    await stop();
  });
});
