import type { CallStatus, CallType, HangPhase, Json, JsonObject, TellType } from "@offhook/protocol";

/**
 * What a Server URL can receive, in one shape for all generations and formats
 * of the wire (contract 1, 2 and 9). Times are epoch ms. What the sender left
 * out is `null` or empty; the body as it came is beside it in `original`.
 */
export type Received = CallEvent | ToolRequest | AssistantRequest | OtherMessage;

/** A message of the conversation. Ids may repeat in one history: a vendor's sample does. */
export type ReadMessage = {
  messageId: string | null;
  role: "user" | "assistant" | "unknown";
  text: string;
  timestamp: number | null;
  metrics: JsonObject;
  skippedAssistantMessages: readonly string[];
};

export type ReadCall = {
  id: string | null;
  callType: CallType | null;
  direction: "inbound" | "outbound" | null;
  status: CallStatus | "unknown";
  /** The status in the sender's own word, such as `initiated` or `completed`. */
  sentStatus: string | null;
  phoneCallStatus: string | null;
  startAt: number | null;
  endAt: number | null;
  userNumber: string | null;
  assistantNumber: string | null;
  /** Who ended the call; a sender's `bot` is the assistant. */
  endedBy: "user" | "assistant" | "system" | null;
  endedReason: string | null;
  /** Milliseconds, also where the sender gave only seconds. */
  durationMs: number | null;
  dynamicVariables: JsonObject;
  metadata: JsonObject;
  cost: JsonObject | null;
  metrics: JsonObject | null;
};

export type ReadAnalysis = {
  summary: string | null;
  /** As the sender's rubric words it: `success`, `Good`, `8`, `true`. */
  successEvaluation: string | null;
  /** Whether it passed; null where the rubric says something else than yes or no. */
  succeeded: boolean | null;
  /** Keys as they came, with their spaces and capitals. */
  structuredData: JsonObject;
  outcome: string | null;
  guardrails: string | null;
  /** A sentence for each part that failed. */
  errors: JsonObject;
};

/** What every message of a call carries. */
export type Envelope = {
  /** `message.id`; null from senders that give none. */
  id: string | null;
  /** 1, 2, 3 … per call and Server URL; null from senders that do not count. */
  sequence: number | null;
  /** Sequences that the sender says it gave up. */
  missed: readonly number[];
  /** The moment that it tells of. */
  at: number | null;
  call: ReadCall;
  assistant: { id: string | null; name: string | null };
  phone: { number: string | null; providerName: string | null };
  customer: { number: string | null; name: string | null };
  /** The whole history so far. */
  messages: readonly ReadMessage[];
  analysis: ReadAnalysis;
};

export type ReadHang = {
  turnId: string | null;
  phase: HangPhase | null;
  elapsedMs: number | null;
  thresholdMs: number | null;
  toolName: string | null;
};

export type ReadError = {
  type: string | null;
  code: string | null;
  message: string;
  provider: string | null;
  retryable: boolean | null;
  details: JsonObject;
};

type Told<Type extends TellType, Adds = unknown> = { kind: "event"; type: Type; original: Json } & Envelope &
  Adds;

/** The events by their type (contract 2). */
export type CallEvents = {
  "status-update": Told<"status-update", { status: CallStatus | "unknown" }>;
  "conversation-update": Told<"conversation-update">;
  hang: Told<"hang", { hang: ReadHang }>;
  "hang-recovered": Told<"hang-recovered", { hang: ReadHang }>;
  error: Told<"error", { error: ReadError }>;
  "end-of-call-report": Told<"end-of-call-report">;
  /** The analysis came after the report, and is whole now. */
  "analysis-updated": Told<"analysis-updated">;
};

export type CallEvent = CallEvents[TellType];

/** One call of a tool; `arguments` stays text when it is not a JSON object. */
export type ReadToolCall = { id: string | null; name: string; arguments: JsonObject | string };

/** A request to run tools: one call, or a list in the `tool-calls` style. */
export type ToolRequest = {
  kind: "tool-request";
  style: "envelope" | "arguments" | "tool-calls";
  calls: readonly ReadToolCall[];
  callId: string | null;
  /** null with bare arguments. */
  envelope: Envelope | null;
  original: Json;
};

/** The question who answers a call that names no assistant: the call as it is going to be. */
export type AssistantRequest = { kind: "assistant-request"; original: Json } & Envelope;

/** Anything else: an unknown `type`, a campaign's or workflow's webhook, or JSON of any kind. */
export type OtherMessage = {
  kind: "other";
  family: "call" | "campaign" | "workflow" | "unknown";
  /** `message.type` or `event`; `""` when there is neither. */
  type: string;
  original: Json;
};
