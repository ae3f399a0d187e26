import { defaultTeam, type DeliveryState, eventId } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import type { DeliveriesFilter } from "../../store.ts";
import { laneOf, type OpenedStore, useStore } from "./opened.ts";
import {
  acceptance,
  becomes,
  failure,
  loss,
  otherTeam,
  reported,
  sampleBegin,
  sampleCallId,
  SampleJournal,
  settlement,
  spoken,
  untold,
} from "./samples.ts";

/** What became of each event, as the lane and what was given up tell it. */
export function describeDeliveries(open: () => Promise<OpenedStore>): void {
  describe("the deliveries", () => {
    const opened = useStore(open);
    telling(opened);
    choosing(opened);
    filtering(opened);
    changing(opened);
  });
}

const retryAt = sampleBegin + 60_000;

/** Six events: delivered, superseded, dead, the head that failed twice, and two behind it. */
async function sixEvents({ store }: OpenedStore, number = 1, options = {}): Promise<SampleJournal> {
  const journal = new SampleJournal(number, options);
  const { callId } = journal;
  const said = ["a", "b", "c"].map((text) => spoken(text));
  await store.openJournal(journal.open(becomes("queued"), untold, ...said));
  let lane = await laneOf(store, callId);
  lane = await store.settle(acceptance(lane));
  lane = await store.settle(loss(lane, "superseded"));
  lane = await store.settle(loss(lane, "dead"));
  lane = await store.settle(failure(lane, retryAt));
  await store.settle(failure(lane, retryAt));
  await store.append(journal.write(becomes("finished"), reported));
  return journal;
}

const states: readonly DeliveryState[] = [
  "delivered",
  "superseded",
  "dead",
  "retrying",
  "pending",
  "pending",
];

function telling(opened: () => OpenedStore): void {
  it("of a call are told in its order, each in its state", async () => {
    const { callId, teamId } = await sixEvents(opened());
    const { deliveries, totalCount } = await opened().store.listDeliveries({
      teamId,
      callId,
      offset: 0,
      limit: 10,
    });
    expect(totalCount).toBe(6);
    expect(deliveries.map(({ sequence, state }) => [sequence, state])).toEqual(
      states.map((state, index) => [index + 1, state]),
    );
    const types = ["status-update", "conversation-update", "conversation-update", "conversation-update"];
    expect(deliveries.map(({ type }) => type)).toEqual([...types, "status-update", "end-of-call-report"]);
  });

  it("are told whole", async () => {
    const { callId, teamId } = await sixEvents(opened());
    const find = (sequence: number) => opened().store.findDelivery({ teamId, callId, sequence });
    const event = (sequence: number) => ({ id: eventId(callId, sequence), callId, sequence });
    expect(await find(3)).toEqual({
      ...event(3),
      type: "conversation-update",
      state: "dead",
      at: sampleBegin + 4_000,
      attempts: 0,
      nextAt: null,
      reason: "dead for the test",
    });
    expect(await find(4)).toEqual({
      ...event(4),
      type: "conversation-update",
      state: "retrying",
      at: sampleBegin + 5_000,
      attempts: 2,
      nextAt: retryAt,
      reason: null,
    });
    expect(await find(1)).toMatchObject({ state: "delivered", attempts: 1, nextAt: null, reason: null });
    expect(await find(5)).toMatchObject({ state: "pending", attempts: 0, nextAt: null, reason: null });
  });

  it("are pending until the first attempt, the head too", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1);
    await store.openJournal(journal.open(becomes("queued"), spoken("a")));
    const { deliveries } = await store.listDeliveries({ teamId: journal.teamId, offset: 0, limit: 10 });
    expect(deliveries.map(({ state }) => state)).toEqual(["pending", "pending"]);
  });

  it("are not there for what is not told, not written, or another team's", async () => {
    const { store } = opened();
    const { callId, teamId } = await sixEvents(opened());
    expect(await store.findDelivery({ teamId, callId, sequence: 7 })).toBeUndefined();
    expect(await store.findDelivery({ teamId, callId: sampleCallId(9), sequence: 1 })).toBeUndefined();
    expect(await store.findDelivery({ teamId: otherTeam, callId, sequence: 1 })).toBeUndefined();
    expect(await store.listDeliveries({ teamId: otherTeam, callId, offset: 0, limit: 10 })).toEqual({
      deliveries: [],
      totalCount: 0,
    });
  });

  it("are not there for a call without a Server URL", async () => {
    const { store } = opened();
    const journal = new SampleJournal(1, { destination: null });
    await store.openJournal(journal.open(spoken("a")));
    const { teamId } = journal;
    expect(await store.listDeliveries({ teamId, offset: 0, limit: 10 })).toEqual({
      deliveries: [],
      totalCount: 0,
    });
  });
}

function choosing(opened: () => OpenedStore): void {
  it("are chosen by state", async () => {
    const { store } = opened();
    const { teamId } = await sixEvents(opened());
    await sixEvents(opened(), 2, { teamId: otherTeam });
    for (const state of new Set(states)) {
      const { deliveries, totalCount } = await store.listDeliveries({ teamId, state, offset: 0, limit: 10 });
      const expected = states.flatMap((each, index) => (each === state ? [index + 1] : []));
      expect(new Set(deliveries.map(({ sequence }) => sequence)), state).toEqual(new Set(expected));
      expect(totalCount, state).toBe(expected.length);
    }
  });

  it("are told behind one of them, whatever has come since", async () => {
    const { store } = opened();
    const { teamId, callId } = await sixEvents(opened());
    await sixEvents(opened(), 2);
    const read = (more: Partial<DeliveriesFilter>) =>
      store.listDeliveries({ teamId, offset: 0, limit: 2, before: { callId, sequence: 5 }, ...more });
    const behind = await read({});
    expect(behind.deliveries.map(({ id }) => id)).toEqual([eventId(callId, 4), eventId(callId, 3)]);
    expect(behind.totalCount).toBe(12);
    const dead = await read({ state: "dead" });
    expect(dead.deliveries.map(({ id }) => id)).toEqual([eventId(callId, 3)]);
    expect((await read({ before: { callId, sequence: 9 } })).deliveries, "no such event").toEqual([]);
  });

  it("of a team are told page by page, each once", async () => {
    const { store } = opened();
    const { teamId } = await sixEvents(opened(), 1);
    await sixEvents(opened(), 2);
    await sixEvents(opened(), 3, { teamId: otherTeam });
    const pages = await Promise.all(
      [0, 5, 10, 15].map((offset) => store.listDeliveries({ teamId, offset, limit: 5 })),
    );
    expect(pages.map(({ deliveries, totalCount }) => [deliveries.length, totalCount])).toEqual([
      [5, 12],
      [5, 12],
      [2, 12],
      [0, 12],
    ]);
    expect(new Set(pages.flatMap(({ deliveries }) => deliveries.map(({ id }) => id))).size).toBe(12);
  });
}

function filtering(opened: () => OpenedStore): void {
  const chosen = async (filter: Partial<DeliveriesFilter>): Promise<number[]> => {
    const query = { teamId: defaultTeam, offset: 0, limit: 20, ...filter };
    const { deliveries, totalCount } = await opened().store.listDeliveries(query);
    expect(totalCount).toBe(deliveries.length);
    return deliveries.map(({ sequence }) => sequence);
  };

  it.each<[string, Partial<DeliveriesFilter>, number[]]>([
    ["type", { type: "status-update" }, [5, 1]],
    ["another type", { type: "end-of-call-report" }, [6]],
    ["a type that nobody was told", { type: "hang" }, []],
    ["assistant", { assistantId: "asst_1" }, [6, 5, 4, 3, 2, 1]],
    ["an assistant that has no calls", { assistantId: "asst_2" }, []],
    ["time, both ends with it", { from: sampleBegin + 3_000, to: sampleBegin + 4_000 }, [3, 2]],
    ["state and type", { state: "pending", type: "status-update" }, [5]],
    ["state and time", { state: "dead", to: sampleBegin + 3_000 }, []],
    [
      "all of them",
      { state: "dead", type: "conversation-update", from: sampleBegin, assistantId: "asst_1" },
      [3],
    ],
  ])("are chosen by %s", async (_name, filter, expected) => {
    await sixEvents(opened());
    await sixEvents(opened(), 2, { teamId: otherTeam });
    expect(await chosen(filter)).toEqual(expected);
  });

  it("that are sent again are found among those that are tried, and not where they were", async () => {
    const { callId } = await sixEvents(opened());
    await opened().store.sendAgain({ callId, sequences: [1, 3], now: retryAt });
    expect(await chosen({ state: "retrying" })).toEqual([4, 3, 1]);
    expect(await chosen({ state: "dead" })).toEqual([]);
    expect(await chosen({ state: "delivered" })).toEqual([]);
  });
}

function changing(opened: () => OpenedStore): void {
  const stateOf = async (journal: SampleJournal, sequence: number) => {
    const { teamId, callId } = journal;
    return (await opened().store.findDelivery({ teamId, callId, sequence }))?.state;
  };

  it("that were given up are under way again when they are to be sent again, and delivered when accepted", async () => {
    const { store } = opened();
    const journal = await sixEvents(opened());
    const { callId } = journal;
    await store.sendAgain({ callId, sequences: [2, 3], now: retryAt });
    expect([await stateOf(journal, 2), await stateOf(journal, 3)]).toEqual(["retrying", "retrying"]);
    const recovered = { againDone: [2], recovered: [2], at: retryAt };
    await store.settle(settlement(await laneOf(store, callId), recovered));
    expect([await stateOf(journal, 2), await stateOf(journal, 3)]).toEqual(["delivered", "retrying"]);
  });

  it("that are to be sent again come next", async () => {
    const { store } = opened();
    const { callId, teamId } = await sixEvents(opened());
    await store.sendAgain({ callId, sequences: [1, 3], now: sampleBegin + 5 });
    const nextAt = async (sequence: number) =>
      (await store.findDelivery({ teamId, callId, sequence }))?.nextAt;
    expect(await Promise.all([1, 3, 4].map(nextAt))).toEqual([sampleBegin + 5, null, null]);
  });

  it("that are given up again are dead again, with the new reason", async () => {
    const { store } = opened();
    const journal = await sixEvents(opened());
    const { callId, teamId } = journal;
    await store.sendAgain({ callId, sequences: [3], now: retryAt });
    const givenUp = [{ sequence: 3, state: "dead" as const, reason: "answered 410 Gone" }];
    await store.settle(settlement(await laneOf(store, callId), { againDone: [3], givenUp, at: retryAt }));
    expect(await store.findDelivery({ teamId, callId, sequence: 3 })).toMatchObject({
      state: "dead",
      reason: "answered 410 Gone",
    });
  });

  it("that have come through stay delivered, whatever becomes of their repetition", async () => {
    const { store } = opened();
    const journal = await sixEvents(opened());
    const { callId } = journal;
    await store.sendAgain({ callId, sequences: [1], now: retryAt });
    const notRecovered = [{ sequence: 1, reason: "answered 410 Gone" }];
    await store.settle(
      settlement(await laneOf(store, callId), { againDone: [1], notRecovered, at: retryAt }),
    );
    expect(await stateOf(journal, 1)).toBe("delivered");
  });
  it("that were given up and have come through since stay delivered, whatever becomes of another repetition", async () => {
    const { store } = opened();
    const journal = await sixEvents(opened());
    const { callId, teamId } = journal;
    await store.sendAgain({ callId, sequences: [3], now: retryAt });
    const recovered = { againDone: [3], recovered: [3], at: retryAt };
    await store.settle(settlement(await laneOf(store, callId), recovered));
    await store.sendAgain({ callId, sequences: [3], now: retryAt });
    const notRecovered = [{ sequence: 3, reason: "answered 410 Gone" }];
    await store.settle(
      settlement(await laneOf(store, callId), { againDone: [3], notRecovered, at: retryAt }),
    );
    const found = await store.findDelivery({ teamId, callId, sequence: 3 });
    expect([found?.state, found?.reason]).not.toContain("answered 410 Gone");
    expect(found?.state).toBe("delivered");
  });

  it("that were given up and are not taken again are what they were, with the new reason", async () => {
    const { store } = opened();
    const { callId, teamId } = await sixEvents(opened());
    await store.sendAgain({ callId, sequences: [2, 3], now: retryAt });
    const notRecovered = [{ sequence: 2, reason: "sent again, and answered 500" }];
    await store.settle(
      settlement(await laneOf(store, callId), { againDone: [2, 3], notRecovered, at: retryAt }),
    );
    const find = (sequence: number) => store.findDelivery({ teamId, callId, sequence });
    expect(await find(2)).toMatchObject({ state: "superseded", reason: "sent again, and answered 500" });
    expect(await find(3)).toMatchObject({ state: "dead", reason: "dead for the test" });
    expect(await store.missedBefore({ callId, sequence: 4 })).toEqual([2, 3]);
  });
}
