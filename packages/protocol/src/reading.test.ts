import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Entry, type Happening, happening, type HappeningOf, tellOf } from "./entry.ts";
import { makeCallId } from "./ids.ts";
import { toWireMessage } from "./message.ts";
import { readEntries, readEntry, type Reading } from "./reading.ts";

const start = Date.parse("2026-03-02T09:00:00.000Z");
const iso = (ms: number): string => new Date(start + ms).toISOString();

const created: HappeningOf<"call-created"> = {
  type: "call-created",
  call: {
    id: makeCallId("chat", "82015760-c3bd-427d-a23b-ba9b07e4ab85"),
    teamId: "default",
    assistantId: "asst-1",
    callType: "chat",
    direction: "inbound",
    startAt: null,
    endAt: null,
    userNumber: "web-Ada",
    assistantNumber: "",
    status: "queued",
    phoneCallStatus: "",
    phoneCallStatusReason: "",
    callEndTriggerBy: "",
    endedReason: null,
    assistantCallDuration: 0,
    analysis: {},
    recording: {},
    assistantOverrides: {},
    metadata: { order: 7 },
    cost: null,
    metrics: null,
    createdAt: iso(0),
    updatedAt: iso(0),
  },
  customer: { number: "web-Ada", name: "Ada" },
  phone: { number: "", provider: { name: "" } },
  assistant: { _id: "asst-1", name: "Front desk" },
  subscription: { messages: ["status-update"], format: "2025-04" },
};

const status = (to: "queued" | "ongoing" | "forwarded"): Happening => ({
  type: "status-changed",
  status: to,
});
const queued = status("queued");
const ongoing = status("ongoing");
const forwarded = status("forwarded");
const finished: Happening = {
  type: "status-changed",
  status: "finished",
  endedReason: "user-hung-up",
  callEndTriggerBy: "user",
};

const say = (id: string, text: string, ms: number): Happening => ({
  type: "message-added",
  message: { messageId: id, role: "user", text, timestamp: start + ms },
  heard: "whole",
});

const analysis = {
  summary: "Ada asked for a slot.",
  status: { summary: "ok", successEvaluation: "skipped", structuredData: "failed" },
  errors: { structuredData: "The model gave no JSON." },
} as const;

const reported: HappeningOf<"reported"> = {
  type: "reported",
  cost: {
    callDuration: 9,
    llmPromptTokens: 1,
    llmCompletionTokens: 2,
    llmRequestsUncounted: 0,
    llmCost: null,
    currency: "USD",
  },
  metrics: {
    turns: 1,
    toolCalls: 0,
    toolFailures: 0,
    hangs: 0,
    errors: 0,
    llm: { requests: 1, firstContentMs: null },
  },
};

/** A journal of what happened, each at so many ms after the start; what is told is numbered. */
function journal(...happened: [ms: number, what: Happening][]): Entry[] {
  let sequence = 0;
  return happened.map(([ms, what], index) => {
    const isTold = tellOf(what.type) !== undefined;
    return { seq: index + 1, at: start + ms, sequence: isTold ? (sequence += 1) : null, what };
  });
}

function read(...happened: [ms: number, what: Happening][]): Reading {
  const reading = readEntries(undefined, journal([0, created], ...happened));
  if (reading === undefined) throw new Error("a journal with entries has a reading");
  return reading;
}

describe("a journal", () => {
  test("without an entry has no reading", () => expect(readEntries(undefined, [])).toBeUndefined());

  test.each(["status-changed", "message-added", "reported"] as const)(
    "that begins with %s is faulty",
    (type) => {
      const entries = [ongoing, say("m1", "x", 0), reported]
        .filter((what) => what.type === type)
        .map((what) => [0, what] as [number, Happening]);
      expect(() => readEntries(undefined, journal(...entries))).toThrow(
        `a journal begins with call-created, not ${type}`,
      );
    },
  );

  test("begins with the call, its people and its assistant as they were", () => {
    expect(read()).toEqual({
      call: created.call,
      customer: created.customer,
      phone: created.phone,
      assistant: created.assistant,
      subscription: created.subscription,
      messages: [],
      seq: 1,
      sequence: 0,
    });
  });

  test("counts its entries, and of these those that the application is told", () => {
    const turn: Happening = { type: "turn-started", turnId: "t1", cause: "user" };
    expect(read([0, queued], [1, ongoing], [2, turn])).toMatchObject({ seq: 4, sequence: 2 });
    expect(read([0, queued], [1, ongoing], [2, turn], [3, say("m1", "Hello", 3)])).toMatchObject({
      seq: 5,
      sequence: 3,
    });
  });
});

describe("the call, as its journal tells it", () => {
  const life: [string, [number, Happening][], object][] = [
    [
      "queued",
      [[0, queued]],
      { status: "queued", startAt: null, endAt: null, assistantCallDuration: 0, updatedAt: iso(0) },
    ],
    [
      "ongoing",
      [
        [0, queued],
        [700, ongoing],
      ],
      { status: "ongoing", startAt: iso(700), endAt: null, endedReason: null, updatedAt: iso(700) },
    ],
    [
      "forwarded",
      [
        [0, queued],
        [700, ongoing],
        [900, forwarded],
      ],
      { status: "forwarded", startAt: iso(700), endAt: null, updatedAt: iso(900) },
    ],
    [
      "finished",
      [
        [0, queued],
        [700, ongoing],
        [9_700, finished],
      ],
      {
        status: "finished",
        startAt: iso(700),
        endAt: iso(9_700),
        endedReason: "user-hung-up",
        callEndTriggerBy: "user",
        assistantCallDuration: 9_000,
        updatedAt: iso(9_700),
      },
    ],
    [
      "finished after it was forwarded",
      [
        [700, ongoing],
        [900, forwarded],
        [
          2_700,
          {
            type: "status-changed",
            status: "finished",
            endedReason: "forwarded",
            callEndTriggerBy: "assistant",
          },
        ],
      ],
      {
        status: "finished",
        startAt: iso(700),
        assistantCallDuration: 2_000,
        endedReason: "forwarded",
        callEndTriggerBy: "assistant",
      },
    ],
    [
      "finished without having begun",
      [
        [0, queued],
        [
          30_000,
          {
            type: "status-changed",
            status: "finished",
            endedReason: "no-answer",
            callEndTriggerBy: "system",
          },
        ],
      ],
      {
        status: "finished",
        startAt: null,
        endAt: iso(30_000),
        assistantCallDuration: 0,
        endedReason: "no-answer",
        callEndTriggerBy: "system",
      },
    ],
    [
      "finished, and nobody said why",
      [
        [1, ongoing],
        [2, { type: "status-changed", status: "finished" }],
      ],
      { status: "finished", endedReason: null, callEndTriggerBy: "" },
    ],
    [
      "finished, though the clock was set back",
      [
        [5_000, ongoing],
        [4_000, finished],
      ],
      { startAt: iso(5_000), endAt: iso(4_000), assistantCallDuration: 0 },
    ],
    [
      "finished and analysed",
      [
        [1, ongoing],
        [2, finished],
        [3, { type: "analysis-finished", analysis }],
      ],
      { status: "finished", analysis, cost: null, updatedAt: iso(3) },
    ],
    [
      "reported",
      [
        [1, ongoing],
        [2, finished],
        [3, reported],
      ],
      { status: "finished", cost: reported.cost, metrics: reported.metrics, updatedAt: iso(3) },
    ],
  ];

  test.each(life)("is %s", (_, happened, call) => {
    const { id, teamId, metadata, createdAt } = created.call;
    expect(read(...happened).call).toMatchObject({ ...call, id, teamId, metadata, createdAt });
  });

  const inside: Happening[] = [
    { type: "turn-started", turnId: "t1", cause: "user" },
    { type: "turn-ended", turnId: "t1", outcome: "answered" },
    { type: "model-requested", replyId: "r1", turnId: "t1", provider: "openai", model: "m" },
    { type: "model-answered", replyId: "r1", turnId: "t1", outcome: "kept", firstContentMs: 9, totalMs: 10 },
    {
      type: "tool-requested",
      toolCallId: "c1",
      modelCallId: "m1",
      turnId: "t1",
      name: "f",
      arguments: {},
      async: false,
    },
    {
      type: "tool-answered",
      toolCallId: "c1",
      name: "f",
      outcome: { kind: "error", code: "x", error: "y" },
      elapsedMs: 3,
    },
    { type: "hang", hang: { turnId: "t1", phase: "model", elapsedMs: 5_000, thresholdMs: 5_000 } },
    { type: "hang-recovered", hang: { turnId: "t1", elapsedMs: 6_000 } },
    {
      type: "error",
      error: { type: "llm_error", code: "x", message: "y", provider: "z", retryable: true, details: {} },
    },
    { type: "control-received", control: { type: "mute" } },
  ];

  test.each(inside.map((what) => [what.type, what] as const))("is not changed by %s", (_, what) => {
    const before = read([1, ongoing]);
    const after = read([1, ongoing], [2, what]);
    expect(happening.parse(what)).toEqual(what);
    expect([after.call, after.messages]).toEqual([before.call, before.messages]);
  });
});

describe("the messages", () => {
  test("stand in the order in which they were added, twice the same id or not", () => {
    const { messages, call } = read(
      [1, ongoing],
      [2, say("m1", "Hello", 2)],
      [3, say("m2", "Are you there?", 3)],
      [4, say("m1", "Hello", 4)],
    );
    expect(messages.map(({ messageId, text }) => [messageId, text])).toEqual([
      ["m1", "Hello"],
      ["m2", "Are you there?"],
      ["m1", "Hello"],
    ]);
    expect(call.updatedAt).toBe(iso(4));
  });

  test("are sent with their time in ISO 8601, or in ms in the newer format", () => {
    const [message] = read([2, say("m1", "Hello", 2)]).messages;
    expect(message && toWireMessage(message)).toEqual({
      messageId: "m1",
      role: "user",
      text: "Hello",
      timestamp: iso(2),
    });
    expect(message && toWireMessage(message, "2025-04").timestamp).toBe("2026-03-02T09:00:00.002Z");
    expect(message && toWireMessage(message, "2026-03").timestamp).toBe(start + 2);
  });
});

describe("reading", () => {
  const what = fc.constantFrom<Happening>(
    queued,
    ongoing,
    forwarded,
    finished,
    say("m1", "a", 1),
    say("m2", "b", 2),
    reported,
    {
      type: "analysis-finished",
      analysis,
    },
  );
  const entries = fc
    .array(fc.tuple(fc.integer({ min: -5_000, max: 600_000 }), what), { maxLength: 30 })
    .map((happened) => journal([0, created], ...happened));

  test("in pieces is reading at once, and entry by entry too", () => {
    fc.assert(
      fc.property(entries, fc.nat({ max: 31 }), fc.nat({ max: 31 }), (all, one, other) => {
        const [first, second] = [Math.min(one, other), Math.max(one, other)];
        const pieces = [all.slice(0, first), all.slice(first, second), all.slice(second)];
        const whole = readEntries(undefined, all);
        expect(pieces.reduce<Reading | undefined>(readEntries, undefined)).toEqual(whole);
        expect(all.reduce<Reading | undefined>(readEntry, undefined)).toEqual(whole);
      }),
    );
  });

  test("leaves what was read before as it was", () => {
    fc.assert(
      fc.property(entries, fc.nat({ max: 30 }), (all, at) => {
        const before = readEntries(undefined, all.slice(0, at + 1));
        const copy = structuredClone(before);
        readEntries(before, all.slice(at + 1));
        expect(before).toEqual(copy);
      }),
    );
  });

  test("never gives a negative duration, and one of more than 0 only to a call that began and ended", () => {
    fc.assert(
      fc.property(entries, (all) => {
        const call = readEntries(undefined, all)?.call;
        expect(call?.assistantCallDuration).toBeGreaterThanOrEqual(0);
        if ((call?.assistantCallDuration ?? 0) > 0) expect([call?.startAt, call?.endAt]).not.toContain(null);
      }),
    );
  });
});
