import { z } from "zod";
import { analysis } from "./analysis.ts";
import {
  call,
  callStatuses,
  cost,
  customer,
  endedReasons,
  endTriggers,
  forwardTarget,
  metrics,
} from "./call.ts";
import { jsonObject } from "./json.ts";
import { message } from "./message.ts";
import { formats, hangPhases, type TellType, tellTypes } from "./words.ts";

export const hang = z.object({
  turnId: z.string(),
  phase: z.enum(hangPhases),
  elapsedMs: z.number(),
  thresholdMs: z.number(),
  toolName: z.string().optional(),
});
export type Hang = z.infer<typeof hang>;

export const callError = z.object({
  type: z.enum(["llm_error", "stt_error", "tts_error", "tool_error"]),
  code: z.string(),
  message: z.string(),
  provider: z.string(),
  /** Whether the same request may succeed later. */
  retryable: z.boolean(),
  details: jsonObject,
});
export type CallError = z.infer<typeof callError>;

/** How an answer of a tool was read; shown to people, so that nothing is ignored without a word. */
export const understandings = [
  "result-text",
  "result-json-text",
  "result-json",
  "results-list",
  "error-field",
  "other-json",
  "plain-text",
  "empty",
  "built-in",
  "accepted-async",
  "late-result",
] as const;
export type Understanding = (typeof understandings)[number];

/** What came of a tool call: something the model can speak about, never silence. */
export const toolOutcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("result"), result: z.json(), understoodAs: z.enum(understandings) }),
  z.object({ kind: z.literal("error"), code: z.string(), error: z.string() }),
]);
export type ToolOutcome = z.infer<typeof toolOutcome>;

const modelUsage = z.object({ promptTokens: z.number(), completionTokens: z.number() });
export type ModelUsage = z.infer<typeof modelUsage>;

export const turnCauses = ["welcome", "user", "tool-result", "control"] as const;
export const turnOutcomes = ["answered", "interrupted", "failed", "call-ended"] as const;

const fact = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.object({ type: z.literal(type), ...shape });

/**
 * What can happen in a call. A journal is a list of these; everything that is
 * shown, sent or reported is read from it.
 */
export const happening = z.discriminatedUnion("type", [
  fact("call-created", {
    call,
    customer,
    phone: z.object({ number: z.string(), provider: z.object({ name: z.string() }) }),
    /** The assistant as it answers in this call, without secrets. */
    assistant: jsonObject,
    /** What this call's Server URL is told, in which format; null where there is none. */
    subscription: z.object({ messages: z.array(z.enum(tellTypes)), format: z.enum(formats) }).nullable(),
  }),
  fact("status-changed", {
    status: z.enum(callStatuses),
    endedReason: z.enum(endedReasons).optional(),
    callEndTriggerBy: z.enum(endTriggers).optional(),
    forwardedTo: forwardTarget.optional(),
  }),
  fact("turn-started", { turnId: z.string(), cause: z.enum(turnCauses) }),
  fact("turn-ended", { turnId: z.string(), outcome: z.enum(turnOutcomes) }),
  fact("message-added", { message, turnId: z.string().optional(), heard: z.enum(["whole", "cut"]) }),
  fact("model-requested", {
    replyId: z.string(),
    turnId: z.string(),
    provider: z.string(),
    model: z.string(),
  }),
  fact("model-answered", {
    replyId: z.string(),
    turnId: z.string(),
    /** `discarded`: the user spoke, or the call ended, before it was whole. */
    outcome: z.enum(["kept", "discarded", "failed"]),
    firstContentMs: z.number().nullable(),
    totalMs: z.number(),
    usage: modelUsage.optional(),
  }),
  fact("tool-requested", {
    toolCallId: z.string(),
    /** The id that the model gave, under which it is answered. */
    modelCallId: z.string(),
    turnId: z.string(),
    name: z.string(),
    arguments: jsonObject,
    async: z.boolean(),
  }),
  fact("tool-answered", {
    toolCallId: z.string(),
    name: z.string(),
    outcome: toolOutcome,
    elapsedMs: z.number(),
  }),
  fact("hang", { hang }),
  fact("hang-recovered", { hang: z.object({ turnId: z.string(), elapsedMs: z.number() }) }),
  fact("error", { error: callError }),
  fact("control-received", { control: jsonObject }),
  fact("analysis-finished", { analysis }),
  fact("reported", { cost, metrics }),
]);
export type Happening = z.infer<typeof happening>;
export type HappeningType = Happening["type"];
export type HappeningOf<Type extends HappeningType> = Extract<Happening, { type: Type }>;

/** A happening with its place in the call's journal. `at` is epoch ms, `seq` counts 1, 2, 3 … per call. */
export type Entry = {
  seq: number;
  at: number;
  /** The event's `sequence` at the call's Server URL; null when the application is not told of it. */
  sequence: number | null;
  what: Happening;
};

const tells = {
  "status-changed": "status-update",
  "message-added": "conversation-update",
  hang: "hang",
  "hang-recovered": "hang-recovered",
  error: "error",
  reported: "end-of-call-report",
} as const satisfies Partial<Record<HappeningType, TellType>>;

/** The event that a happening is told as; `undefined` for those that stay inside. */
export function tellOf(type: HappeningType): TellType | undefined {
  return Object.hasOwn(tells, type) ? tells[type as keyof typeof tells] : undefined;
}

/** The happenings that an event tells of. */
export function happeningsOf(type: TellType): string[] {
  return Object.entries(tells).flatMap(([name, tell]) => (tell === type ? [name] : []));
}
