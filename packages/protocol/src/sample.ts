import type { Analysis } from "./analysis.ts";
import type { Call } from "./call.ts";
import type { Entry, Happening } from "./entry.ts";
import type { CallId } from "./ids.ts";
import { type Format, type TellType, tellTypes } from "./words.ts";
import { tellOf } from "./entry.ts";

/** The invented call that samples tell of; its UUID is all zeros but for the end. */
export const sampleCallId = "TC-00000000-0000-4000-8000-00000000cafe" as CallId;

const startedAt = Date.parse("2026-03-02T09:00:00.000Z");

const call: Call = {
  id: sampleCallId,
  teamId: "default",
  assistantId: "asst-sample",
  callType: "chat",
  direction: "inbound",
  startAt: null,
  endAt: null,
  userNumber: "web-sample",
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
  metadata: { sample: true },
  cost: null,
  metrics: null,
  createdAt: new Date(startedAt).toISOString(),
  updatedAt: new Date(startedAt).toISOString(),
};

/** A short invented call with every kind of event in it, as its journal: for samples, fixtures and documents. */
export function sampleJournal(format: Format = "2025-04"): Entry[] {
  let sequence = 0;
  return happenings(format).map(([seconds, what], index) => {
    const told = tellOf(what.type) !== undefined;
    if (told) sequence += 1;
    return { seq: index + 1, at: startedAt + seconds * 1_000, sequence: told ? sequence : null, what };
  });
}

const said = (role: "user" | "assistant", text: string, seconds: number): Happening => ({
  type: "message-added",
  message: { messageId: `msg_sample_${seconds}`, role, text, timestamp: startedAt + seconds * 1_000 },
  heard: "whole",
});

function happenings(format: Format): [seconds: number, what: Happening][] {
  return [
    [
      0,
      {
        type: "call-created",
        call,
        customer: { number: "web-sample", name: "Sample" },
        phone: { number: "", provider: { name: "" } },
        assistant: {
          _id: "asst-sample",
          name: "Sample assistant",
          welcomeMessage: "Good morning. How can I help?",
        },
        subscription: { messages: [...tellTypes], format },
      },
    ],
    [0, { type: "status-changed", status: "queued" }],
    [1, { type: "status-changed", status: "ongoing" }],
    [1, said("assistant", "Good morning. How can I help?", 1)],
    [6, said("user", "Is there a slot on Monday?", 6)],
    [
      11,
      {
        type: "hang",
        hang: {
          turnId: "turn_sample_1",
          phase: "tool",
          elapsedMs: 5_000,
          thresholdMs: 5_000,
          toolName: "findSlots",
        },
      },
    ],
    [13, { type: "hang-recovered", hang: { turnId: "turn_sample_1", elapsedMs: 7_000 } }],
    [13, said("assistant", "Nine o'clock is free.", 13)],
    [20, { type: "error", error: sampleError }],
    [
      30,
      { type: "status-changed", status: "finished", endedReason: "user-hung-up", callEndTriggerBy: "user" },
    ],
    [
      32,
      {
        type: "analysis-finished",
        analysis: {
          summary: sampleAnalysis.summary,
          successEvaluation: sampleAnalysis.successEvaluation,
          status: { ...sampleAnalysis.status, structuredData: "failed" },
          errors: { structuredData: "The time of 2 s was over before the model had answered." },
        },
      },
    ],
    [32, reported],
    [41, { type: "analysis-updated", analysis: sampleAnalysis, cost: reported.cost }],
  ];
}

const sampleAnalysis = {
  summary: "The caller asked for a slot on Monday and was offered nine o'clock.",
  successEvaluation: "success",
  structuredData: { day: "Monday" },
  status: { summary: "ok", successEvaluation: "ok", structuredData: "ok" },
  errors: {},
  evidence: { day: ["msg_sample_6"] },
} satisfies Analysis;

const sampleError = {
  type: "llm_error",
  code: "timeout",
  message: "The model gave no word within 30 s.",
  provider: "openai",
  retryable: true,
  details: { turnId: "turn_sample_1" },
} as const;

const reported = {
  type: "reported",
  cost: {
    callDuration: 29,
    llmPromptTokens: 412,
    llmCompletionTokens: 18,
    llmRequestsUncounted: 0,
    llmCost: 0.0001936,
    currency: "USD",
  },
  metrics: {
    turns: 1,
    toolCalls: 1,
    toolFailures: 0,
    hangs: 1,
    errors: 1,
    llm: { requests: 2, firstContentMs: { p50: 420, p95: 7_000, max: 7_000 } },
  },
} as const satisfies Happening;

/** The last entry of the sample that is told as this type. */
export function sampleEntry(type: TellType, journal: readonly Entry[]): Entry {
  const entry = journal.findLast(({ what }) => tellOf(what.type) === type);
  if (entry === undefined) throw new Error(`the sample has no ${type}`);
  return entry;
}
