import type { EventView } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { spoken, untold } from "../../store/testing/samples.ts";
import { type Account, type Arrival, audit, type Books } from "./account.ts";

const callId = "TC-1";

/** An entry that is told as the event of that sequence. */
function told(
  sequence: number,
  data: EventView["data"],
  type: "conversation-update" | "status-update" | "end-of-call-report",
): EventView {
  const id = `evt_${callId}_${sequence}`;
  return {
    cursor: sequence,
    callId,
    seq: sequence,
    at: 0,
    type: data.type,
    data,
    told: { id, type, sequence },
  };
}

const journal: EventView[] = [
  told(1, { type: "status-changed", status: "queued" }, "status-update"),
  told(2, spoken("Good morning"), "conversation-update"),
  told(3, spoken("And goodbye"), "conversation-update"),
  told(4, { type: "reported", cost: {} as never, metrics: {} as never }, "end-of-call-report"),
];

function arrival(sequence: number, more: Partial<Arrival> = {}): Arrival {
  const id = `evt_${callId}_${sequence}`;
  const type = journal[sequence - 1]?.told?.type ?? "";
  const at = sequence * 100;
  return { kind: "tell", id, callId, sequence, type, missed: [], body: id, at, acceptedAt: at + 10, ...more };
}

const whole: Arrival[] = [arrival(1), arrival(2), arrival(3), arrival(4)];
const nothing = {
  calls: new Set(""),
  words: new Set(""),
  ended: new Set(""),
  sentAgain: [],
  read: new Map(),
};

function faultsOf(more: Partial<Books>): Partial<Account> {
  const account = audit({ journal, arrivals: whole, acknowledged: nothing, ...more });
  return Object.fromEntries(Object.entries(account).filter(([, faults]) => faults.length > 0));
}

const failed = { acceptedAt: undefined };

describe("an account comes out even", () => {
  it.each<[string, Arrival[]]>([
    ["when everything came once", whole],
    ["when an event came again under its id", [...whole, arrival(2)]],
    ["when an event was taken at the second time", [arrival(1, failed), ...whole]],
    [
      "when a superseded event was announced",
      [arrival(1), arrival(2, failed), arrival(3, { missed: [2] }), arrival(4)],
    ],
    [
      "when a superseded event came late",
      [arrival(1), arrival(3, { missed: [2] }), arrival(2, { at: 350 }), arrival(4)],
    ],
  ])("%s", (_what, arrivals) => {
    expect(faultsOf({ arrivals })).toEqual({});
  });
});

describe("an account finds", () => {
  it.each<[string, keyof Account, Partial<Books>]>([
    [
      "an event that never came",
      "lost",
      { arrivals: [arrival(1), arrival(2), arrival(4, { missed: [3, 1] })].slice(1) },
    ],
    [
      "an event that was never taken",
      "lost",
      { arrivals: [arrival(1, failed), arrival(2), arrival(3), arrival(4)] },
    ],
    [
      "a status that was announced as missed",
      "lost",
      { arrivals: [arrival(2, { missed: [1] }), arrival(3), arrival(4)] },
    ],
    ["an event that the journal does not know", "lost", { arrivals: [...whole, arrival(5)] }],
    [
      "an ask that the journal does not know",
      "lost",
      { arrivals: [...whole, arrival(0, { kind: "ask", id: "tool" })] },
    ],
    ["a call that is gone", "lost", { acknowledged: { ...nothing, calls: new Set(["TC-2"]) } }],
    ["words that are gone", "lost", { acknowledged: { ...nothing, words: new Set(["Hello?"]) } }],
    ["an end that is gone", "lost", { acknowledged: { ...nothing, ended: new Set([callId]) } }],
    [
      "an event that was not sent again",
      "lost",
      { acknowledged: { ...nothing, sentAgain: [{ id: `evt_${callId}_1`, after: 4 }] } },
    ],
    ["an entry that a reader had", "lost", { acknowledged: { ...nothing, read: new Map([[7, "gone"]]) } }],
    ["an event before its turn", "reordered", { arrivals: [arrival(1), arrival(3), arrival(2), arrival(4)] }],
    [
      "an event before the answer to the one ahead",
      "reordered",
      { arrivals: [arrival(1, { acceptedAt: 250 }), arrival(2), arrival(3), arrival(4)] },
    ],
    [
      "an event before the one ahead was taken",
      "reordered",
      { arrivals: [arrival(1, failed), arrival(2), arrival(1), arrival(3), arrival(4)] },
    ],
    ["an event under two ids", "renamed", { arrivals: [...whole, arrival(2, { id: "evt_other" })] }],
    ["an id with two contents", "renamed", { arrivals: [...whole, arrival(2, { body: "other" })] }],
    [
      "words that were written twice",
      "renamed",
      { journal: [...journal, { ...journal[1]!, cursor: 9, told: null }] },
    ],
    ["a call without a report", "withoutOneReport", { arrivals: whole.slice(0, 3) }],
  ])("%s", (_what, kind, books) => {
    expect(faultsOf(books)).toHaveProperty(kind);
  });

  it("nothing in an entry that nobody is told of", () => {
    const entry: EventView = {
      cursor: 9,
      callId,
      seq: 9,
      at: 0,
      type: untold.type,
      data: untold,
      told: null,
    };
    expect(faultsOf({ journal: [...journal, entry] })).toEqual({});
  });
});
