import { describe, expect, it } from "vitest";
import { laneOf, type OpenedStore, useStore } from "./opened.ts";
import {
  acceptance,
  becomes,
  failure,
  loss,
  otherTeam,
  reported,
  sampleBegin,
  SampleJournal,
  settlement,
  spoken,
} from "./samples.ts";

/** What an operator needs: whether it works, what is left to do, how much there is, and forgetting what is old. */
export function describeUpkeep(open: () => Promise<OpenedStore>): void {
  describe("upkeep:", () => {
    const opened = useStore(open);
    checking(opened);
    counting(opened);
    forgetting(opened);
    keeping(opened);
  });
}

const hourMs = 3_600_000;

/** A finished call of two events, both accepted, that began so many hours after the first. */
async function closedCall({ store }: OpenedStore, number: number, hours: number): Promise<SampleJournal> {
  const journal = new SampleJournal(number, { createdAt: sampleBegin + hours * hourMs });
  await store.openJournal(journal.open(becomes("queued"), becomes("finished"), reported));
  for (let event = 1; event <= 3; event += 1)
    await store.settle(acceptance(await laneOf(store, journal.callId)));
  return journal;
}

function checking(opened: () => OpenedStore): void {
  it("a check passes again and again, and is no secret of anybody's", async () => {
    const { store } = opened();
    await store.check();
    await store.check();
    expect(await store.keepSecret({ name: "live", value: "first" })).toBe("first");
  });

  it("the last position is the one that was given last", async () => {
    const { store } = opened();
    const before = await store.lastPosition();
    const { position } = await store.openJournal(new SampleJournal(1).open(spoken("a")));
    expect(position).toBe(before + 1);
    expect(await store.lastPosition()).toBe(position + 1);
    await store.openJournal(new SampleJournal(2, { teamId: otherTeam }).open());
    expect(await store.lastPosition()).toBe(position + 2);
  });
}

function counting(opened: () => OpenedStore): void {
  it("an empty store has nothing to deliver", async () => {
    const nothing = { undelivered: 0, lanes: 0, blocked: 0, oldestAt: null };
    expect(await opened().store.backlog()).toEqual(nothing);
  });

  it("the backlog counts what is neither accepted nor given up, and knows the oldest", async () => {
    const { store } = opened();
    await closedCall(opened(), 1, 0);
    const waiting = new SampleJournal(2, { createdAt: sampleBegin + hourMs });
    await store.openJournal(waiting.open(becomes("queued"), spoken("a"), spoken("b")));
    await store.settle(acceptance(await laneOf(store, waiting.callId)));
    await store.settle(failure(await laneOf(store, waiting.callId), sampleBegin + 9 * hourMs));
    const fresh = new SampleJournal(3, { createdAt: sampleBegin + 2 * hourMs });
    await store.openJournal(fresh.open(becomes("queued")));
    const oldestAt = sampleBegin + hourMs + 2_000;
    expect(await store.backlog()).toEqual({ undelivered: 3, lanes: 2, blocked: 1, oldestAt });
  });

  it("the size grows with what is kept", async () => {
    const { store } = opened();
    const before = await store.size();
    for (let number = 1; number <= 50; number += 1)
      await store.openJournal(new SampleJournal(number).open(spoken("x".repeat(10_000))));
    expect((await store.size()) - before).toBeGreaterThan(250_000);
  });
}

function forgetting(opened: () => OpenedStore): void {
  it("forgets the oldest closed calls, so many at a time, with all that belongs to them", async () => {
    const { store } = opened();
    const calls = [
      await closedCall(opened(), 1, 2),
      await closedCall(opened(), 2, 1),
      await closedCall(opened(), 3, 3),
    ];
    const query = { before: sampleBegin + 3 * hourMs, limit: 1 };
    expect(await store.forget(query)).toEqual({ calls: 1, entries: 4, deadLetters: 0 });
    const found = await Promise.all(calls.map(({ teamId, callId }) => store.findCall({ teamId, callId })));
    expect(found.map((call) => call !== undefined)).toEqual([true, false, true]);
    expect((await store.forget({ ...query, limit: 10 })).calls).toBe(1);
    expect((await store.forget({ ...query, limit: 10 })).calls).toBe(0);
    const [gone] = calls;
    if (gone === undefined) throw new Error("there is a first call");
    const { teamId, callId } = gone;
    expect(await store.entriesOfCall({ callId, after: 0, limit: 10 })).toEqual([]);
    expect(await store.attemptsOf({ callId, sequence: 1, limit: 10 })).toEqual([]);
    expect(await store.findLane(callId)).toBeUndefined();
    expect(await store.assistantOfCall({ callId })).toBeUndefined();
    expect(await store.findDelivery({ teamId, callId, sequence: 1 })).toBeUndefined();
    expect((await store.listDeliveries({ teamId, offset: 0, limit: 10 })).totalCount).toBe(3);
  });

  it("tells how many dead letters went with them; those that came through later are none", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1);
    const { callId } = journal;
    await store.openJournal(journal.open(becomes("queued"), spoken("a"), becomes("finished"), reported));
    for (const state of ["superseded", "dead", "dead"] as const)
      await store.settle(loss(await laneOf(store, callId), state));
    await store.settle(acceptance(await laneOf(store, callId)));
    await store.sendAgain({ callId, sequences: [3], now: sampleBegin });
    const lane = await laneOf(store, callId);
    await store.settle(settlement(lane, { againDone: [3], recovered: [3] }));
    const forgotten = await store.forget({ before: sampleBegin + hourMs, limit: 10 });
    expect(forgotten).toEqual({ calls: 1, entries: 5, deadLetters: 1 });
  });
}

function keeping(opened: () => OpenedStore): void {
  it("keeps calls that live, are not reported, or have something left to send", async () => {
    const { store } = opened();
    await store.openJournal(new SampleJournal(1).open(becomes("queued")));
    await store.openJournal(new SampleJournal(2).open(becomes("finished")));
    await store.openJournal(new SampleJournal(3).open(becomes("finished"), reported));
    const { callId } = await closedCall(opened(), 4, 0);
    await store.sendAgain({ callId, sequences: [1], now: sampleBegin });
    const nothing = { calls: 0, entries: 0, deadLetters: 0 };
    expect(await store.forget({ before: sampleBegin + 99 * hourMs, limit: 10 })).toEqual(nothing);
  });

  it("gives no position twice, also after all was forgotten", async () => {
    const { store } = opened();
    await closedCall(opened(), 1, 0);
    const last = await store.lastPosition();
    await store.forget({ before: sampleBegin + hourMs, limit: 10 });
    expect(await store.lastPosition()).toBe(last);
    const { position } = await store.openJournal(new SampleJournal(2).open());
    expect(position).toBe(last + 1);
  });
}
