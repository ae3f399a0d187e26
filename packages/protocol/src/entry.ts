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
  "same-call",
  "mcp-text",
  "mcp-structured",
] as const;
export type Understanding = (typeof understandings)[number];

/** What came of a tool call: something the model can speak about, never silence. */
export const toolOutcome = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("result"), result: z.json(), understoodAs: z.enum(understandings) }),
  z.object({ kind: z.literal("error"), code: z.string(), error: z.string() }),
]);
export type ToolOutcome = z.infer<typeof toolOutcome>;

/** How a tool's server was reached: its last status, null without one, and after how many attempts. */
const toolHttp = z.object({ status: z.number().nullable(), attempts: z.number() });
export type ToolHttp = z.infer<typeof toolHttp>;

const modelUsage = z.object({ promptTokens: z.number(), completionTokens: z.number() });
export type ModelUsage = z.infer<typeof modelUsage>;

export const turnCauses = ["welcome", "user", "tool-result", "control", "warning"] as const;
export const turnOutcomes = ["answered", "interrupted", "failed", "call-ended"] as const;

/** Where a message of the assistant comes from that is no reply to something. */
const origins = ["welcome", "control", "filler", "idle", "warning", "goodbye"] as const;

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
  /** How an assistant was found for a call that named none. */
  fact("assistant-chosen", {
    by: z.enum(["answer", "last-answer", "default"]),
    /** What came of asking the application; null when there was nobody to ask. */
    asked: z
      .object({
        /** Whose setting says where it is asked. */
        where: z.enum(["number", "server"]),
        /** The `webhook-id` of the request. */
        id: z.string(),
        elapsedMs: z.number(),
        status: z.number().nullable(),
        /** What it answered, without secrets and addresses; text that is no JSON is cut. */
        answer: z.json(),
        /** Why the answer did not serve; null when it did. */
        fault: z.string().nullable(),
      })
      .nullable(),
  }),
  /** The tools of an MCP server were asked for when the call began. */
  fact("tools-listed", {
    from: z.literal("mcp"),
    names: z.array(z.string()),
    elapsedMs: z.number(),
    /** Why there are none, or not all; null when there is nothing to say. */
    fault: z.string().nullable(),
  }),
  /** Variables that a text of the assistant names and nobody gave: they were left empty. */
  fact("variables-missing", { names: z.array(z.string()) }),
  fact("status-changed", {
    status: z.enum(callStatuses),
    endedReason: z.enum(endedReasons).optional(),
    callEndTriggerBy: z.enum(endTriggers).optional(),
    forwardedTo: forwardTarget.optional(),
  }),
  fact("turn-started", { turnId: z.string(), cause: z.enum(turnCauses) }),
  fact("turn-ended", { turnId: z.string(), outcome: z.enum(turnOutcomes) }),
  fact("message-added", {
    message,
    turnId: z.string().optional(),
    heard: z.enum(["whole", "cut"]),
    origin: z.enum(origins).optional(),
    /**
     * Words of the user that wait for their answer: the next turn with the cause `user` gives it,
     * unless the call is muted or ends before. Absent where `turnId` says it, and where nothing is answered.
     */
    waits: z.literal(true).optional(),
  }),
  fact("model-requested", {
    replyId: z.string(),
    turnId: z.string(),
    provider: z.string(),
    model: z.string(),
    /** Why it is asked again: the request before failed, hung and was dropped, or was lost with its server. */
    again: z.enum(["failure", "hang", "server-lost"]).optional(),
  }),
  fact("model-answered", {
    replyId: z.string(),
    turnId: z.string(),
    /** `discarded`: the user spoke, the call ended, another model was asked, or the server was lost, before it was kept. */
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
    /** Absent where no server was asked. */
    http: toolHttp.optional(),
  }),
  fact("hang", { hang }),
  fact("hang-recovered", { hang: z.object({ turnId: z.string(), elapsedMs: z.number() }) }),
  fact("error", { error: callError }),
  /** Another server, or the same one started again, goes on with the call: here it stood still. */
  fact("taken-up", {
    /** Since the entry before, in ms: no longer than that nobody held the call. */
    pauseMs: z.number(),
  }),
  fact("control-received", { control: jsonObject }),
  fact("analysis-finished", { analysis }),
  fact("reported", { cost, metrics }),
  /** An analysis that came after its time, when the report had gone: the whole of it, as it is now. Once at most. */
  fact("analysis-updated", { analysis, cost }),
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
  "analysis-updated": "analysis-updated",
} as const satisfies Partial<Record<HappeningType, TellType>>;

/** The event that a happening is told as; `undefined` for those that stay inside. */
export function tellOf(type: HappeningType): TellType | undefined {
  return Object.hasOwn(tells, type) ? tells[type as keyof typeof tells] : undefined;
}

/** The happenings that an event tells of. */
export function happeningsOf(type: TellType): string[] {
  return Object.entries(tells).flatMap(([name, tell]) => (tell === type ? [name] : []));
}
