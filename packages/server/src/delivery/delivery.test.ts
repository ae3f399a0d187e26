import { describe, expect, it } from "vitest";
import { becomes, reported, spoken, untold } from "../store/testing/samples.ts";
import {
  downBetween,
  missedIn,
  postOffice,
  type Receiver,
  sequencesOf,
  tabulate,
  takesAll,
  wholeCall,
} from "./testing/post-office.ts";

const second = 1_000;
const hour = 3_600 * second;
const day = 24 * hour;

describe("a delivery", () => {
  it("tells every event of a call in order, as soon as it is handed over", async () => {
    const office = postOffice();
    const { delivery, stop } = office.start();
    const call = office.call(1);
    for (const happenings of wholeCall) {
      await call.writes(happenings, delivery);
      await office.clock.advance(50);
    }
    expect(tabulate(office.posted, takesAll)).toMatchInlineSnapshot(`
      "      0.00 s  1 status-update                       1  accepted
            0.05 s  2 status-update                       1  accepted
            0.06 s  3 conversation-update                 1  accepted
            0.10 s  4 conversation-update                 1  accepted
            0.11 s  5 conversation-update                 1  accepted
            0.15 s  6 status-update                       1  accepted
            0.16 s  7 end-of-call-report                  1  accepted"
    `);
    expect(office.desk.most.ofOneCall).toBe(1);
    await stop();
  });

  it("tells what it finds in the store in the same bytes as what is handed over", async () => {
    const bodies: string[][] = [];
    for (const isHandedOver of [true, false]) {
      const office = postOffice();
      const call = office.call(1);
      if (!isHandedOver) for (const happenings of wholeCall) await call.writes(happenings);
      const { delivery, stop } = office.start();
      if (isHandedOver) for (const happenings of wholeCall) await call.writes(happenings, delivery);
      await office.clock.advance(second);
      bodies.push(office.posted.map(({ body }) => body));
      await stop();
    }
    expect(bodies[0]).toHaveLength(7);
    expect(bodies[1]).toEqual(bodies[0]);
  });

  it("tells what is written while an attempt is under way after it, in order", async () => {
    const office = postOffice({ receiver: () => ({ outcome: "accepted", tookMs: 5 * second }) });
    const { delivery, stop } = office.start();
    const call = office.call(1);
    for (const happenings of wholeCall) {
      await call.writes(happenings, delivery);
      await office.clock.advance(second);
    }
    await office.clock.advance(60 * second);
    expect(sequencesOf(office.posted)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(office.desk.most.ofOneCall).toBe(1);
    await stop();
  });

  it("tells a long call whole: more than a page, and more than is kept at hand", async () => {
    const office = postOffice({ receiver: () => ({ outcome: "accepted", tookMs: 1 }) });
    const { delivery, stop } = office.start();
    const call = office.call(1);
    await call.writes([becomes("queued")], delivery);
    for (let turn = 0; turn < 300; turn += 1)
      await call.writes([untold, becomes("ongoing"), untold, becomes("ongoing")], delivery);
    await office.clock.advance(10 * second);
    expect(sequencesOf(office.posted)).toEqual(Array.from({ length: 601 }, (_, index) => index + 1));
    await stop();
  });

  it("logs each attempt, and leaves nothing to do", async () => {
    const office = postOffice({
      receiver: ({ attempt }) => ({ outcome: attempt < 3 ? "refused" : "accepted" }),
    });
    const { delivery, stop } = office.start();
    const call = office.call(1);
    await call.writes([becomes("queued")], delivery);
    await office.clock.advance(60 * second);
    const attempts = await office.store.attemptsOf({ callId: call.callId, sequence: 1, limit: 10 });
    expect(attempts.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, "refused"],
      [2, "refused"],
      [3, "accepted"],
    ]);
    expect(await office.store.findLane(call.callId)).toMatchObject({ settled: 1, dueAt: null });
    await stop();
  });
});

describe("a receiver that is down", () => {
  it("for a day is told everything in order when it is back", async () => {
    const receiver = downBetween(0, day);
    const office = postOffice({ receiver });
    const { delivery, stop } = office.start();
    const call = office.call(1);
    for (const happenings of wholeCall) await call.writes(happenings, delivery);
    await office.clock.advance(2 * day);
    expect(tabulate(office.posted, receiver)).toMatchInlineSnapshot(`
      "      0.00 s  1 status-update                       1  unreachable
            1.06 s  1 status-update                       2  unreachable
            5.08 s  1 status-update                       3  unreachable
           35.41 s  1 status-update                       4  unreachable
         0:02:58 h  1 status-update                       5  unreachable
         0:08:54 h  1 status-update                       6  unreachable
         0:36:17 h  1 status-update                       7  unreachable
         2:41:42 h  1 status-update                       8  unreachable
         8:08:11 h  1 status-update                       9  unreachable
        17:50:22 h  1 status-update                      10  unreachable
        34:36:38 h  1 status-update                      11  accepted
        34:36:38 h  2 status-update                       1  accepted
        34:36:38 h  3 conversation-update                 1  accepted
        34:36:38 h  4 conversation-update                 1  accepted
        34:36:38 h  5 conversation-update                 1  accepted
        34:36:38 h  6 status-update                       1  accepted
        34:36:38 h  7 end-of-call-report                  1  accepted"
    `);
    await stop();
  });

  it("for a day in the middle of a talk is told the last of the conversation, and what was superseded", async () => {
    const receiver = downBetween(5 * second, day);
    const office = postOffice({ receiver });
    const { delivery, stop } = office.start();
    const call = office.call(1);
    await call.writes([becomes("queued"), becomes("ongoing")], delivery);
    await office.clock.advance(10 * second);
    for (const text of ["a", "b", "c", "d"]) {
      await call.writes([spoken(text)], delivery);
      await office.clock.advance(10 * second);
    }
    await call.writes([becomes("finished"), reported], delivery);
    await office.clock.advance(2 * day);
    expect(tabulate(office.posted, receiver)).toMatchInlineSnapshot(`
      "      0.00 s  1 status-update                       1  accepted
            0.01 s  2 status-update                       1  accepted
           10.00 s  3 conversation-update                 1  unreachable
           11.02 s  3 conversation-update                 2  unreachable
           16.99 s  3 conversation-update                 3  unreachable
           52.62 s  4 conversation-update (missed 3)      1  unreachable
           53.55 s  5 conversation-update (missed 3, 4)   1  unreachable
           54.60 s  6 conversation-update (missed 3, 4, 5)  1  unreachable
           55.70 s  6 conversation-update (missed 3, 4, 5)  2  unreachable
         0:01:00 h  6 conversation-update (missed 3, 4, 5)  3  unreachable
         0:01:36 h  6 conversation-update (missed 3, 4, 5)  4  unreachable
         0:03:34 h  6 conversation-update (missed 3, 4, 5)  5  unreachable
         0:08:33 h  6 conversation-update (missed 3, 4, 5)  6  unreachable
         0:34:13 h  6 conversation-update (missed 3, 4, 5)  7  unreachable
         2:29:35 h  6 conversation-update (missed 3, 4, 5)  8  unreachable
         6:59:18 h  6 conversation-update (missed 3, 4, 5)  9  unreachable
        15:36:22 h  6 conversation-update (missed 3, 4, 5) 10  unreachable
        29:32:43 h  6 conversation-update (missed 3, 4, 5) 11  accepted
        29:32:43 h  7 status-update                       1  accepted
        29:32:43 h  8 end-of-call-report                  1  accepted"
    `);
    await stop();
  });

  it("for a week is told nothing more of the events whose time is over, and of all that it has missed", async () => {
    const receiver = downBetween(0, 7 * day);
    const office = postOffice({ receiver });
    const { delivery, stop } = office.start();
    const call = office.call(1);
    await call.writes([becomes("queued"), becomes("ongoing"), becomes("finished")], delivery);
    await office.clock.advance(14 * day);
    expect(office.posted.filter(({ sequence }) => sequence === 1)).toHaveLength(13);
    const last = office.posted.at(-1);
    expect([last?.sequence, last && missedIn(last)]).toEqual([3, [1, 2]]);
    const { deliveries } = await office.store.listDeliveries({
      teamId: call.journal.teamId,
      offset: 0,
      limit: 10,
    });
    expect(
      deliveries.map(({ sequence, state, attempts }) => [sequence, state, attempts]).toReversed(),
    ).toEqual([
      [1, "dead", 13],
      [2, "dead", 13],
      [3, "delivered", expect.any(Number)],
    ]);
    await stop();
  });

  it("that says 410 is not asked again, and the next event is tried at once", async () => {
    const receiver: Receiver = ({ sequence }) => ({ outcome: sequence === 2 ? "gone" : "accepted" });
    const office = postOffice({ receiver });
    const { delivery, stop } = office.start();
    const call = office.call(1);
    await call.writes([becomes("queued"), becomes("ongoing"), becomes("finished")], delivery);
    await office.clock.advance(second);
    expect(office.posted.map((each) => [each.sequence, missedIn(each)])).toEqual([
      [1, []],
      [2, []],
      [3, [2]],
    ]);
    await stop();
  });

  it("that asks to be left alone is left alone, up to twice as long as planned", async () => {
    const receiver: Receiver = ({ attempt }) =>
      attempt === 1 ? { outcome: "busy", retryAfterMs: 100 * second } : { outcome: "accepted" };
    const office = postOffice({ receiver, random: { ...fixedRandom, fraction: () => 0.5 } });
    const { delivery, stop } = office.start();
    await office.call(1).writes([becomes("queued")], delivery);
    await office.clock.advance(60 * second);
    expect(office.posted.map(({ at }) => at)).toEqual([0, 10 + 2 * second]);
    await stop();
  });
});

const fixedRandom = { uuid: () => "", token: () => "", fraction: () => 0.5 };

describe("a restart", () => {
  it("in the middle goes on where it was, with the same bytes and the schedule as it was", async () => {
    const receiver = downBetween(0, 10 * 60 * second);
    const office = postOffice({ receiver });
    const first = office.start();
    const call = office.call(1);
    for (const happenings of wholeCall) await call.writes(happenings, first.delivery);
    await office.clock.advance(2 * second);
    await first.stop();
    const before = office.posted.length;
    await office.clock.advance(second);
    expect(office.posted).toHaveLength(before);
    const again = office.start();
    await office.clock.advance(hour);
    expect(tabulate(office.posted, receiver)).toMatchInlineSnapshot(`
      "      0.00 s  1 status-update                       1  unreachable
            1.06 s  1 status-update                       2  unreachable
            5.08 s  1 status-update                       3  unreachable
           35.41 s  1 status-update                       4  unreachable
         0:02:58 h  1 status-update                       5  unreachable
         0:08:54 h  1 status-update                       6  unreachable
         0:36:17 h  1 status-update                       7  accepted
         0:36:17 h  2 status-update                       1  accepted
         0:36:17 h  3 conversation-update                 1  accepted
         0:36:17 h  4 conversation-update                 1  accepted
         0:36:17 h  5 conversation-update                 1  accepted
         0:36:17 h  6 status-update                       1  accepted
         0:36:17 h  7 end-of-call-report                  1  accepted"
    `);
    expect(new Set(office.posted.filter(({ sequence }) => sequence === 1).map(({ body }) => body)).size).toBe(
      1,
    );
    await again.stop();
  });

  it("after a kill sends again what was on its way, under the same id and with the same bytes", async () => {
    const office = postOffice({
      receiver: ({ at }) => ({ outcome: "accepted", tookMs: at === 0 ? 10 * day : 10 }),
    });
    const killed = office.start();
    const call = office.call(1);
    for (const happenings of wholeCall) await call.writes(happenings, killed.delivery);
    await office.clock.advance(second);
    killed.kill();
    const { stop } = office.start();
    await office.clock.advance(second);
    expect(sequencesOf(office.posted)).toEqual([1, 1, 2, 3, 4, 5, 6, 7]);
    const [one, again] = office.posted;
    expect([again?.id, again?.body, again?.attempt]).toEqual([one?.id, one?.body, 1]);
    await stop();
  });

  it("lets attempts under way end before it is done", async () => {
    const office = postOffice({ receiver: () => ({ outcome: "accepted", tookMs: 15 * second }) });
    const { delivery, abort, isEnded } = office.start();
    const call = office.call(1);
    await call.writes([becomes("queued"), becomes("ongoing")], delivery);
    await office.clock.advance(second);
    abort();
    await office.clock.advance(13 * second);
    expect(isEnded()).toBe(false);
    await office.clock.advance(2 * second);
    expect(isEnded()).toBe(true);
    expect(await office.store.findLane(call.callId)).toMatchObject({ settled: 1, last: 2 });
    expect(office.posted).toHaveLength(1);
  });
});
