import type { Json, JsonObject, TellType } from "@offhook/protocol";

/**
 * What the vendor's pages show of its messages, in three generations, with
 * invented people: what differs between them is what contract 9 lists.
 *
 * - `oldest`: `message.status` in words of telephony, history in the call, no time of its own.
 * - `2025`: history in the call and beside it, the status twice, times of messages as text.
 * - `2026`: the status in the call only, times as numbers, cost and metrics in the report.
 */
export const vendorGenerations = ["oldest", "2025", "2026"] as const;
export type VendorGeneration = (typeof vendorGenerations)[number];

/** The types that the vendor sends. */
export type VendorType = Exclude<TellType, "hang-recovered" | "analysis-updated">;

const time = Date.UTC(2026, 2, 2, 9);
const iso = new Date(time).toISOString();

const history = (timestamp: string | number): JsonObject[] => [
  { messageId: "65f0c1", role: "assistant", text: "Good morning. How can I help?", timestamp },
  // One id twice in one history: the vendor's sample has it so.
  { messageId: "65f0c1", role: "user", text: "Is there a slot on Monday?", timestamp },
];

const call: JsonObject = {
  id: "WC-5d0a9c6e-1f0b-4c55-9a53-3f0a4f3c2b1d",
  teamId: "65f0aaaaaaaaaaaaaaaaaaaa",
  assistantId: "65f0bbbbbbbbbbbbbbbbbbbb",
  callType: "web",
  direction: "inbound",
  startAt: iso,
  userNumber: "web-ada",
  assistantNumber: "+15550100",
};

const analysis = {
  summary: "Ada asked for a slot on Monday.",
  successEvaluation: "success",
  structuredData: { "Preferred Day": "Monday" },
};

const people: JsonObject = {
  assistant: { _id: "65f0bbbbbbbbbbbbbbbbbbbb", name: "Reception" },
  phone: { number: "+15550100", provider: { name: "" } },
  customer: { number: "web-ada", name: "Ada" },
};

const extra: { [Type in VendorType]: JsonObject } = {
  "status-update": {},
  "conversation-update": {},
  hang: {},
  error: { error: { type: "llm_error", message: "The model did not answer." } },
  "end-of-call-report": {},
};

/** A body as this generation of the vendor sends it. */
export function vendorFixture(generation: VendorGeneration, type: VendorType): { message: JsonObject } {
  const made: Record<VendorGeneration, () => JsonObject> = {
    oldest: () => oldest(type),
    "2025": () => second(type),
    "2026": () => third(type),
  };
  return { message: { type, ...extra[type], ...made[generation]() } };
}

function oldest(type: VendorType): JsonObject {
  const isOver = type === "end-of-call-report";
  const status = isOver ? "completed" : "in-progress";
  const messages: Json = type === "status-update" ? [] : history(iso);
  return {
    ...(type === "status-update" ? { status: "completed" } : {}),
    call: { ...call, status, messages, ...(isOver ? { endAt: iso, callEndTriggerBy: "bot", analysis } : {}) },
  };
}

function second(type: VendorType): JsonObject {
  const isOver = type === "end-of-call-report";
  const status = isOver ? "finished" : "ongoing";
  const messages = history(iso);
  const ended = isOver
    ? { endAt: iso, callEndTriggerBy: "user", phoneCallStatus: "completed", analysis }
    : {};
  return {
    timestamp: time,
    ...(type === "status-update" ? { status } : {}),
    call: {
      ...call,
      status,
      analysis: {},
      ...(type === "conversation-update" ? { messages } : {}),
      ...ended,
    },
    ...people,
    analysis: {},
    messages,
  };
}

function third(type: VendorType): JsonObject {
  const isOver = type === "end-of-call-report";
  const report = {
    endAt: iso,
    callEndTriggerBy: "user",
    cost: { callDuration: 29 },
    metrics: { turns: 1 },
    recording: {},
  };
  return {
    timestamp: time,
    call: {
      ...call,
      status: isOver ? "finished" : "ongoing",
      phoneCallStatus: "",
      ...(isOver ? report : {}),
    },
    ...people,
    ...(type === "status-update" ? {} : { messages: history(time) }),
    analysis: isOver
      ? { ...analysis, successEvaluation: "Excellent", outcome: "booked", guardrails: "DISABLED" }
      : {},
  };
}
