import { z } from "zod";
import { analysis } from "./analysis.ts";
import { callTypes } from "./words.ts";
import { jsonObject } from "./json.ts";

export const callStatuses = ["queued", "ongoing", "finished", "forwarded"] as const;
export type CallStatus = (typeof callStatuses)[number];

/** The rungs of a telephone call; `""` where there is no telephone. */
export const phoneCallStatuses = [
  "trying",
  "early-media",
  "ringing",
  "in-progress",
  "busy",
  "no-answer",
  "failed",
  "completed",
  "",
] as const;

/** Who ended the call; `""` until it has ended. */
export const endTriggers = ["user", "assistant", "system", ""] as const;
export type EndTrigger = (typeof endTriggers)[number];

/** Why a call ended: a closed list (contract 1.1). */
export const endedReasons = [
  "user-hung-up",
  "assistant-ended",
  "end-phrase",
  "control-ended",
  "idle-timeout",
  "max-duration",
  "forwarded",
  "no-answer",
  "busy",
  "rejected-over-capacity",
  "model-failed",
  "channel-lost",
  "server-lost",
  "server-stopped",
  "canceled",
] as const;
export type EndedReason = (typeof endedReasons)[number];

export const forwardTarget = z.object({
  phoneNumber: z.string().min(1).max(64),
  extension: z.string().max(32).optional(),
  name: z.string().max(128).optional(),
});
export type ForwardTarget = z.infer<typeof forwardTarget>;

/**
 * What a call used: `callDuration` in seconds, tokens as the model servers
 * counted them, analyses included. What nobody told is null, never a guess.
 */
export const cost = z.object({
  callDuration: z.number(),
  /** null when no server told of any request. */
  llmPromptTokens: z.number().nullable(),
  llmCompletionTokens: z.number().nullable(),
  /** Requests whose tokens their server did not tell: what they used comes on top. */
  llmRequestsUncounted: z.number().int(),
  /** What the tokens cost; null when a count or a price is not known. */
  llmCost: z.number().nullable(),
  currency: z.literal("USD"),
});

/** Counts and times of a finished call; times in ms. */
export const metrics = z.object({
  turns: z.number(),
  toolCalls: z.number(),
  toolFailures: z.number(),
  hangs: z.number(),
  /** Hangs after which the reply began after all; absent in reports of older servers. */
  hangsRecovered: z.number().optional(),
  errors: z.number(),
  llm: z.object({
    requests: z.number(),
    firstContentMs: z.object({ p50: z.number(), p95: z.number(), max: z.number() }).nullable(),
  }),
});
export type Cost = z.infer<typeof cost>;
export type Metrics = z.infer<typeof metrics>;

const isoTime = z.iso.datetime();

/** A call as the API and the Server URL show it (contract 1.1). Times are ISO 8601, UTC. */
export const call = z.object({
  id: z.string(),
  teamId: z.string(),
  assistantId: z.string().nullable(),
  callType: z.enum(callTypes),
  direction: z.enum(["inbound", "outbound"]),
  startAt: isoTime.nullable(),
  endAt: isoTime.nullable(),
  userNumber: z.string(),
  assistantNumber: z.string(),
  status: z.enum(callStatuses),
  phoneCallStatus: z.enum(phoneCallStatuses),
  phoneCallStatusReason: z.string(),
  callEndTriggerBy: z.enum(endTriggers),
  endedReason: z.enum(endedReasons).nullable(),
  /** Milliseconds from the start to the end; 0 for a call that never started. */
  assistantCallDuration: z.number(),
  analysis: z.union([analysis, z.object({}).strict()]),
  recording: jsonObject,
  assistantOverrides: z.looseObject({ dynamicVariables: jsonObject.optional() }),
  metadata: jsonObject,
  cost: cost.nullable(),
  metrics: metrics.nullable(),
  createdAt: isoTime,
  updatedAt: isoTime,
});
export type Call = z.infer<typeof call>;

/** Where a live call is steered and watched; in API answers only. */
export const monitor = z.object({ controlUrl: z.string(), liveUrl: z.string() });
export type Monitor = z.infer<typeof monitor>;

export const customer = z.object({ number: z.string(), name: z.string().optional() });
export type Customer = z.infer<typeof customer>;
