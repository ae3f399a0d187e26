import type { EventView } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { spoken } from "../../store/testing/samples.ts";
import type { Arrival } from "../crash/account.ts";
import { auditCluster, type ClusterAccount, type ClusterBooks, takeOvers } from "./cluster-account.ts";
import type { Holding } from "./witness.ts";

const callId = "TC-1";
const begunAt = 1_000_000;

function entry(seq: number, data: EventView["data"], more: Partial<EventView> = {}): EventView {
  return { cursor: seq, callId, seq, at: begunAt + seq, type: data.type, data, told: null, ...more };
}

const answered = {
  type: "tool-answered",
  toolCallId: "TL-1",
  name: "book",
  outcome: { kind: "result", result: "done", understoodAs: "result-text" },
  elapsedMs: 1,
} as const;

const report: EventView = entry(
  6,
  { type: "reported", cost: {} as never, metrics: {} as never },
  { told: { id: "evt_TC-1_1", type: "end-of-call-report", sequence: 1 } },
);

const journal: EventView[] = [
  entry(1, { type: "status-changed", status: "queued" }),
  entry(2, spoken("Good morning")),
  entry(3, {
    type: "tool-requested",
    toolCallId: "TL-1",
    modelCallId: "call_1",
    turnId: "TN-1",
    name: "book",
    arguments: {},
    async: false,
  }),
  entry(4, answered),
  entry(5, { type: "status-changed", status: "finished", endedReason: "control-ended" }),
  report,
];

function ask(id: string, at = begunAt + 3): Arrival {
  const type = "function-call";
  return { kind: "ask", id, callId, sequence: 0, type, missed: [], body: id, at, acceptedAt: at };
}

const arrivals: Arrival[] = [
  ask("TL-1"),
  {
    ...ask("evt_TC-1_1", begunAt + 7),
    kind: "tell",
    sequence: 1,
    type: "end-of-call-report",
  },
];

/** TC-1 is written by A, then taken by B, who was told that A is gone. */
const holdings: Holding[] = [
  { callId, holder: "A", epoch: 1, lastSeq: 2, at: begunAt, tookFrom: "nobody" },
  { callId, holder: "A", epoch: 1, lastSeq: 3, at: begunAt + 100, tookFrom: "nobody" },
  { callId, holder: "B", epoch: 2, lastSeq: 3, at: begunAt + 3_200, tookFrom: "gone" },
  { callId, holder: "B", epoch: 2, lastSeq: 6, at: begunAt + 3_300, tookFrom: "nobody" },
];

const nothing = {
  calls: new Set(""),
  words: new Set(""),
  ended: new Set(""),
  sentAgain: [],
  read: new Map(),
};

const even: ClusterBooks = {
  journal,
  arrivals,
  acknowledged: nothing,
  holdings,
  stamps: [{ id: "evt_TC-1_1", signedAt: begunAt + 1_000, at: begunAt + 7 }],
  begunAt,
  endedAt: begunAt + 10_000,
  callsMayBeLost: false,
};

function faultsOf(more: Partial<ClusterBooks>): Partial<ClusterAccount> {
  const account = auditCluster({ ...even, ...more });
  return Object.fromEntries(Object.entries(account).filter(([, faults]) => faults.length > 0));
}

/** A change of one of the holdings. */
function holdingsWith(index: number, change: Partial<Holding>): Holding[] {
  return holdings.map((one, at) => (at === index ? { ...one, ...change } : one));
}

/** The journal without the entries of these positions. */
const journalWithout = (...cursors: number[]): EventView[] =>
  journal.filter(({ cursor }) => !cursors.includes(cursor));

const readUpTo = (cursor: number, entries = journal) =>
  new Map(
    entries.filter((one) => one.cursor <= cursor).map((one) => [one.cursor, JSON.stringify(one)] as const),
  );

describe("an account of several servers comes out even", () => {
  it.each<[string, Partial<ClusterBooks>]>([
    ["when a call was taken from a node that was gone", {}],
    ["when a node let go, and another took", { holdings: holdingsWith(1, { holder: null }) }],
    ["when a reader has read all up to a place", { acknowledged: { ...nothing, read: readUpTo(4) } }],
    [
      "when a call ended with its only server",
      {
        callsMayBeLost: true,
        journal: [
          ...journal.slice(0, 4),
          entry(5, { type: "status-changed", status: "finished", endedReason: "server-lost" }),
          report,
        ],
      },
    ],
  ])("%s", (_when, more) => expect(faultsOf(more)).toEqual({}));
});

describe("it finds", () => {
  it.each<[string, Partial<ClusterBooks>, Partial<ClusterAccount>]>([
    [
      "an entry that is missing",
      { journal: journalWithout(2) },
      { gaps: ["entry 3 of TC-1 stands where 2 should"] },
    ],
    [
      "an entry that is there twice",
      { journal: [...journal.slice(0, 4), entry(4, answered, { cursor: 40 }), ...journal.slice(4)] },
      {
        gaps: ["entry 4 of TC-1 stands where 5 should"],
        askedTwice: ["the tool call TL-1 was answered twice"],
      },
    ],
    [
      "entries in another order than their positions",
      { journal: journal.toSorted((one, other) => (one.seq === 2 ? 1 : other.seq === 2 ? -1 : 0)) },
      {
        gaps: ["entry 3 of TC-1 stands where 2 should", "entry 2 of TC-1 stands where 7 should"],
      },
    ],
    [
      "an entry that came to stand before what a reader had read",
      { acknowledged: { ...nothing, read: readUpTo(5, journalWithout(3)) } },
      { lost: ["entry 3 of TC-1 at 3 was passed over by a reader"] },
    ],
    [
      "a call that was taken from a node that was there",
      { holdings: holdingsWith(2, { tookFrom: "there" }) },
      { ownedTwice: ["TC-1 was taken from a node that was there"] },
    ],
    [
      "a node that writes under the epoch that it knew",
      { holdings: [...holdings, { ...holdings[1], at: begunAt + 4_000, lastSeq: 6 } as Holding] },
      { ownedTwice: ["TC-1 went from epoch 2 back to 1"] },
    ],
    [
      "a node that writes over what another wrote",
      { holdings: holdingsWith(3, { lastSeq: 2 }) },
      { ownedTwice: ["TC-1 went from entry 3 back to 2"] },
    ],
    [
      "two holders within one epoch",
      { holdings: holdingsWith(2, { epoch: 1 }) },
      { ownedTwice: ["TC-1 changed hands within epoch 1"] },
    ],
    [
      "a tool call that was sent twice",
      { arrivals: [...arrivals, ask("TL-1", begunAt + 5_000)] },
      { askedTwice: ["the tool call TL-1 was sent twice"] },
    ],
    [
      "a chat that ended with its server",
      {
        journal: journal.map((one) =>
          one.seq === 5
            ? entry(5, { type: "status-changed", status: "finished", endedReason: "server-lost" })
            : one,
        ),
      },
      { dropped: ["TC-1 ended as server-lost"] },
    ],
    [
      "an entry of a clock that is five minutes ahead",
      { journal: journal.map((one) => (one.seq === 2 ? { ...one, at: begunAt + 300_000 } : one)) },
      { skewed: ["entry 2 of TC-1 is from 1970-01-01T00:21:40.000Z"] },
    ],
    [
      "a signature of a clock that is five minutes late",
      { stamps: [{ id: "evt_TC-1_1", signedAt: begunAt - 300_000, at: begunAt }] },
      { skewed: ["evt_TC-1_1 was signed -300 s from when it came"] },
    ],
    [
      "a report that never came, and one that came twice",
      { arrivals: arrivals.filter(({ kind }) => kind === "ask") },
      {
        lost: ["end-of-call-report evt_TC-1_1 was never taken"],
        withoutOneReport: ["TC-1 has 0 reports"],
      },
    ],
  ])("%s", (_what, more, expected) => expect(faultsOf(more)).toEqual(expected));
});

describe("the time to take-over", () => {
  it("is from the harm until another holds the call", () => {
    expect(takeOvers(holdings, [begunAt + 200])).toEqual(new Map([[callId, 3_000]]));
  });

  it("is counted from when the call was last written, when that was later", () => {
    expect(takeOvers(holdings, [begunAt + 50])).toEqual(new Map([[callId, 3_100]]));
  });

  it("is none where nothing was done, or nothing changed hands", () => {
    expect(takeOvers(holdings, [])).toEqual(new Map());
    expect(takeOvers(holdings.slice(0, 2), [begunAt])).toEqual(new Map());
  });
});
