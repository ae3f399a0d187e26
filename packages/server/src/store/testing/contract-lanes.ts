import { describe, expect, it } from "vitest";
import type { LaneRow } from "../../store.ts";
import { laneOf, type OpenedStore, useStore } from "./opened.ts";
import {
  acceptance,
  becomes,
  failure,
  loss,
  sampleBegin,
  sampleCallId,
  sampleDestination,
  SampleJournal,
  settlement,
  spoken,
  untold,
} from "./samples.ts";

/** The lanes on which a call's events go to its Server URL. */
export function describeLanes(open: () => Promise<OpenedStore>): void {
  describe("a lane", () => {
    const opened = useStore(open);
    beginning(opened);
    settling(opened);
    sendingAgain(opened);
    missing(opened);
  });
  describe("the lanes that are due", () => {
    due(useStore(open));
  });
}

const later = sampleBegin + 60_000;

function beginning(opened: () => OpenedStore): void {
  it("begins with nothing to send", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1);
    const { lane } = await store.openJournal(journal.open(untold));
    const { callId, teamId } = journal;
    const track = {
      settled: 0,
      last: 0,
      lastConversation: 0,
      attempts: 0,
      missed: [],
      again: [],
      dueAt: null,
    };
    expect(lane).toEqual({ callId, teamId, destination: sampleDestination, ...track });
    expect(await store.findLane(callId)).toEqual(lane);
  });

  it("is not there for a call without a Server URL", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1, { destination: null });
    expect((await store.openJournal(journal.open(spoken("Hello")))).lane).toBeNull();
    expect((await store.append(journal.write(spoken("Hello?")))).lane).toBeNull();
    expect(await store.findLane(journal.callId)).toBeUndefined();
    expect(await store.sendAgain({ callId: journal.callId, sequences: [1], now: later })).toBeUndefined();
  });

  it("is due as soon as something is written, and knows the last of it", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1);
    const begun = await store.openJournal(journal.open(becomes("queued")));
    expect(begun.lane).toMatchObject({
      settled: 0,
      last: 1,
      lastConversation: 0,
      dueAt: sampleBegin + 1_000,
    });
    const more = await store.append(journal.write(untold, spoken("a"), spoken("b"), becomes("finished")));
    expect(more.lane).toMatchObject({ settled: 0, last: 4, lastConversation: 3, dueAt: sampleBegin + 1_000 });
    expect(await store.findLane(journal.callId)).toEqual(more.lane);
    expect((await store.append(journal.write(untold))).lane).toEqual(more.lane);
    const last = await store.append(journal.write(becomes("finished")));
    expect(last.lane).toEqual({ ...more.lane, last: 5 });
  });

  it("stays as it is for what only other calls write", async () => {
    const { store } = opened();
    const one = new SampleJournal(1);
    const { lane } = await store.openJournal(one.open(becomes("queued")));
    await store.openJournal(new SampleJournal(2).open(spoken("Hello")));
    expect(await store.findLane(one.callId)).toEqual(lane);
  });
}

function settling(opened: () => OpenedStore): void {
  it("moves on when the head is accepted: at once if there is more", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1);
    await store.openJournal(journal.open(spoken("a"), spoken("b")));
    const after = await store.settle(acceptance(await laneOf(store, journal.callId), later));
    expect(after).toMatchObject({ settled: 1, attempts: 0, missed: [], dueAt: later });
    expect(await store.findLane(journal.callId)).toEqual(after);
    expect(await store.settle(acceptance(after, later))).toMatchObject({ settled: 2, dueAt: null });
  });

  it("is moved once from where it was: who comes late is refused, and nothing of his is kept", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1);
    await store.openJournal(journal.open(spoken("a"), spoken("b")));
    const lane = await laneOf(store, journal.callId);
    const first = await store.settle(acceptance(lane, later));
    await expect(store.settle(loss(lane, "dead", later))).rejects.toMatchObject({ code: "journal-conflict" });
    await expect(store.settle(failure(lane, later))).rejects.toMatchObject({ code: "journal-conflict" });
    expect(await store.findLane(journal.callId)).toEqual(first);
    const { teamId, callId } = journal;
    expect(await store.findDelivery({ teamId, callId, sequence: 1 })).toMatchObject({
      state: "delivered",
      attempts: 1,
    });
  });

  it("waits when the head failed, and what is written meanwhile waits with it", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1);
    await store.openJournal(journal.open(becomes("queued")));
    const lane = await store.settle(failure(await laneOf(store, journal.callId), later));
    expect(lane).toMatchObject({ settled: 0, attempts: 1, dueAt: later });
    const { lane: more } = await store.append(journal.write(spoken("a")));
    expect(more).toMatchObject({ settled: 0, attempts: 1, last: 2, dueAt: later });
    expect(await store.settle(failure(await laneOf(store, journal.callId), later + 5))).toMatchObject({
      attempts: 2,
      dueAt: later + 5,
    });
  });

  it("does not lose what was written while an attempt was under way", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1);
    await store.openJournal(journal.open(becomes("queued")));
    const sent = await laneOf(store, journal.callId);
    await store.append(journal.write(spoken("a")));
    expect(await store.settle(acceptance(sent, later))).toMatchObject({
      settled: 1,
      last: 2,
      lastConversation: 2,
      dueAt: later,
    });
  });

  it("does not lose what was to be sent again while an attempt was under way", async () => {
    const { store } = opened();
    const { callId } = await threeSettled(opened());
    const sent = await laneOf(store, callId);
    await store.sendAgain({ callId, sequences: [2], now: later });
    expect(await store.settle(acceptance(sent, later))).toMatchObject({
      settled: 4,
      again: [2],
      dueAt: later,
    });
  });

  it("keeps what was given up until it is told that it was announced", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1);
    await store.openJournal(journal.open(spoken("a"), spoken("b"), spoken("c")));
    let lane = await store.settle(loss(await laneOf(store, journal.callId), "superseded"));
    lane = await store.settle(loss(lane, "dead"));
    expect(lane).toMatchObject({ settled: 2, missed: [1, 2] });
    expect(await store.settle(acceptance(lane))).toMatchObject({ settled: 3, missed: [], dueAt: null });
  });

  it("logs attempts in the order in which they were made", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1);
    const { callId } = journal;
    await store.openJournal(journal.open(spoken("a")));
    let lane = await laneOf(store, callId);
    for (const at of [1, 2, 3]) lane = await store.settle(failure(lane, later, sampleBegin + at));
    await store.settle(acceptance(lane, sampleBegin + 4));
    const attempts = await store.attemptsOf({ callId, sequence: 1, limit: 10 });
    expect(attempts.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, "refused"],
      [2, "refused"],
      [3, "refused"],
      [4, "accepted"],
    ]);
    expect(attempts[0]).toEqual(
      failure(await laneOf(store, callId), later, sampleBegin + 1).log.map(({ attempt }) => attempt)[0],
    );
    expect(await store.attemptsOf({ callId, sequence: 1, limit: 2 })).toHaveLength(2);
    expect(await store.attemptsOf({ callId, sequence: 2, limit: 2 })).toEqual([]);
  });
}

/** Three events settled, of four written. */
async function threeSettled({ store }: OpenedStore): Promise<SampleJournal> {
  const journal = new SampleJournal(1);
  await store.openJournal(journal.open(spoken("a"), spoken("b"), spoken("c"), spoken("d")));
  let lane = await laneOf(store, journal.callId);
  lane = await store.settle(acceptance(lane));
  lane = await store.settle(loss(lane, "dead"));
  await store.settle(loss(lane, "superseded"));
  return journal;
}

function sendingAgain(opened: () => OpenedStore): void {
  it("sends again in order, each once, and is due at once", async () => {
    const { store } = opened();
    const { callId } = await threeSettled(opened());
    expect(await store.sendAgain({ callId, sequences: [3, 1], now: later })).toMatchObject({
      again: [1, 3],
      attempts: 0,
      dueAt: later,
    });
    expect(await store.sendAgain({ callId, sequences: [2, 3, 2], now: later })).toMatchObject({
      again: [1, 2, 3],
    });
    expect(await laneOf(store, callId)).toMatchObject({ settled: 3, last: 4, missed: [2, 3] });
  });

  it("refuses to send again what was never written", async () => {
    const { store } = opened();
    const { callId } = await threeSettled(opened());
    expect(await store.sendAgain({ callId, sequences: [9, -1, 0, 2, 5], now: later })).toMatchObject({
      again: [2],
    });
    expect(await store.sendAgain({ callId: sampleCallId(9), sequences: [1], now: later })).toBeUndefined();
  });

  it("stays as it is when there is nothing to send again", async () => {
    const { store } = opened();
    const journal = await threeSettled(opened());
    const { callId } = journal;
    const waiting = await store.settle(failure(await laneOf(store, callId), later));
    expect(await store.sendAgain({ callId, sequences: [9], now: sampleBegin + 1 })).toEqual(waiting);
    await store.settle(acceptance(waiting));
    expect(await store.sendAgain({ callId, sequences: [9], now: later })).toMatchObject({
      again: [],
      dueAt: null,
    });
    expect(await store.sendAgain({ callId, sequences: [], now: later })).toMatchObject({
      again: [],
      dueAt: null,
    });
  });

  it("takes one off the list when it is done with it, and goes on with the rest", async () => {
    const { store } = opened();
    const { callId } = await threeSettled(opened());
    await store.sendAgain({ callId, sequences: [2, 3], now: later });
    let lane = await laneOf(store, callId);
    lane = await store.settle(settlement(lane, { againDone: [2], recovered: [2], at: later }));
    expect(lane).toMatchObject({ again: [3], settled: 3, dueAt: later });
    lane = await store.settle(settlement(lane, { againDone: [3], recovered: [3], at: later + 1 }));
    expect(lane).toMatchObject({ again: [], settled: 3, dueAt: later + 1 });
  });
}

function missing(opened: () => OpenedStore): void {
  it("knows the run of what was given up directly before an event", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1);
    const { callId } = journal;
    await store.openJournal(journal.open(...["a", "b", "c", "d", "e"].map((text) => spoken(text))));
    let lane = await laneOf(store, callId);
    lane = await store.settle(loss(lane, "dead"));
    lane = await store.settle(acceptance(lane));
    lane = await store.settle(loss(lane, "superseded"));
    await store.settle(loss(lane, "dead"));
    const before = await Promise.all(
      [1, 2, 3, 4, 5].map((sequence) => store.missedBefore({ callId, sequence })),
    );
    expect(before).toEqual([[], [1], [], [3], [3, 4]]);
    expect(await store.missedBefore({ callId: sampleCallId(9), sequence: 5 })).toEqual([]);
  });

  it("still knows it after what was given up has come through, so that the bytes stay the same", async () => {
    const { store } = opened();
    const { callId } = await threeSettled(opened());
    await store.sendAgain({ callId, sequences: [2], now: later });
    await store.settle(
      settlement(await laneOf(store, callId), { againDone: [2], recovered: [2], at: later }),
    );
    expect(await store.missedBefore({ callId, sequence: 4 })).toEqual([2, 3]);
  });

  it("does not know of a loss where an event has come through before and only its repetition was given up", async () => {
    const { store } = opened();
    const { callId } = await threeSettled(opened());
    await store.sendAgain({ callId, sequences: [1], now: later });
    const notRecovered = [{ sequence: 1, reason: "gone" }];
    await store.settle(settlement(await laneOf(store, callId), { againDone: [1], notRecovered, at: later }));
    expect(await store.missedBefore({ callId, sequence: 2 })).toEqual([]);
  });
}

function due(opened: () => OpenedStore): void {
  it("are found, the longest waiting first, so many at a time", async () => {
    const { store } = opened();
    const waits = [30_000, 10_000, 20_000, 40_000];
    for (const [index, waitMs] of waits.entries()) {
      const journal = new SampleJournal(index + 1);
      await store.openJournal(journal.open(becomes("queued")));
      await store.settle(failure(await laneOf(store, journal.callId), sampleBegin + waitMs));
    }
    const dueAt = async (now: number, limit = 10) =>
      (await store.dueLanes({ now: sampleBegin + now, limit })).map(({ callId }) => callId);
    expect(await dueAt(9_999)).toEqual([]);
    expect(await dueAt(10_000)).toEqual([sampleCallId(2)]);
    expect(await dueAt(35_000)).toEqual([2, 3, 1].map(sampleCallId));
    expect(await dueAt(35_000, 2)).toEqual([2, 3].map(sampleCallId));
  });

  it("are found page by page, each once, also those that have waited equally long", async () => {
    const { store } = opened();
    const waits = [5, 5, 5, 1, 5, 9];
    for (const [index, waitMs] of waits.entries()) {
      const journal = new SampleJournal(index + 1);
      await store.openJournal(journal.open(becomes("queued")));
      await store.settle(failure(await laneOf(store, journal.callId), sampleBegin + waitMs));
    }
    const found: LaneRow[] = [];
    for (;;) {
      const last = found.at(-1);
      const after = last === undefined ? {} : { after: { dueAt: last.dueAt ?? 0, callId: last.callId } };
      const page = await store.dueLanes({ now: later, limit: 2, ...after });
      if (page.length === 0) break;
      found.push(...page);
    }
    expect(found.map(({ callId }) => callId)).toEqual([4, 1, 2, 3, 5, 6].map(sampleCallId));
  });

  it("are whole", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1);
    const { lane } = await store.openJournal(journal.open(spoken("a")));
    expect(await store.dueLanes({ now: later, limit: 10 })).toEqual([lane]);
  });

  it("are not those without anything to send", async () => {
    const { store } = opened();
    const idle = new SampleJournal(1);
    const silent = new SampleJournal(2, { destination: null });
    await store.openJournal(idle.open());
    await store.openJournal(silent.open(spoken("a")));
    expect(await store.dueLanes({ now: later, limit: 10 })).toEqual([]);
    expect(await store.nextDueAt({ now: 0 })).toBeNull();
  });

  it("have a next one after any moment, or none", async () => {
    const { store } = opened();
    for (const number of [1, 2]) {
      const journal = new SampleJournal(number);
      await store.openJournal(journal.open(becomes("queued")));
      await store.settle(failure(await laneOf(store, journal.callId), sampleBegin + number * 10_000));
    }
    const next = (now: number) => store.nextDueAt({ now: sampleBegin + now });
    expect(await Promise.all([0, 9_999, 10_000, 19_999, 20_000].map(next))).toEqual(
      [10_000, 10_000, 20_000, 20_000, null].map((at) => (at === null ? null : sampleBegin + at)),
    );
  });
}
