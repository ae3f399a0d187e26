import { z } from "zod";
import { customer } from "./call.ts";
import { callError, hang } from "./entry.ts";
import { jsonObject } from "./json.ts";
import { wireMessage } from "./message.ts";

/**
 * The messages that are POSTed to a Server URL (contract 1 and 2), one schema
 * per type for both formats. They describe what this server sends; a receiver
 * reads other senders' variants with `@offhook/server-url`.
 */
const wireCall = jsonObject.describe(
  "The call (contract 1.1). In 2025-04 it also holds `messages` on a conversation-update.",
);

const envelope = {
  /** Epoch ms of the moment that it tells of, not of the attempt. */
  timestamp: z.number().int(),
  /** The same value as the `webhook-id` header; stable over every attempt. */
  id: z.string(),
  call: wireCall,
  assistant: jsonObject,
  phone: z.object({ number: z.string(), provider: z.object({ name: z.string() }) }),
  customer,
  analysis: jsonObject,
  messages: z.array(wireMessage).optional(),
};

const told = {
  ...envelope,
  /** 1, 2, 3 … per call and Server URL, without a gap. */
  sequence: z.number().int().min(1),
  /** Sequences that were given up since the last one that was accepted. */
  missed: z.array(z.number().int()).optional(),
};

const status = z.enum(["queued", "ongoing", "finished", "forwarded"]);

export const statusUpdate = z.object({
  type: z.literal("status-update"),
  ...told,
  status: status.optional(),
});
export const conversationUpdate = z.object({ type: z.literal("conversation-update"), ...told });
export const hangMessage = z.object({ type: z.literal("hang"), ...told, hang });
export const hangRecovered = z.object({
  type: z.literal("hang-recovered"),
  ...told,
  hang: hang.pick({ turnId: true, elapsedMs: true }),
});
export const errorMessage = z.object({ type: z.literal("error"), ...told, error: callError });
export const endOfCallReport = z.object({ type: z.literal("end-of-call-report"), ...told });
/** The analysis came after the report had gone, and is whole now. To be subscribed to. */
export const analysisUpdated = z.object({ type: z.literal("analysis-updated"), ...told });

/** A tool request in the `envelope` format (contract 4.2). */
export const functionCall = z.object({
  type: z.literal("function-call"),
  ...envelope,
  functionCall: z.object({
    /** The idempotency key: it does not change on a retry. */
    id: z.string(),
    name: z.string(),
    parameters: jsonObject,
    /** `parameters` as a JSON string. */
    arguments: z.string(),
  }),
});

/** Asks who answers a call that names no assistant; `assistant` is empty, and somebody waits. */
export const assistantRequest = z.object({ type: z.literal("assistant-request"), ...envelope });

export const serverMessage = z.discriminatedUnion("type", [
  statusUpdate,
  conversationUpdate,
  hangMessage,
  hangRecovered,
  errorMessage,
  endOfCallReport,
  analysisUpdated,
  functionCall,
  assistantRequest,
]);
export type ServerMessage = z.infer<typeof serverMessage>;

/** The body of every POST to a Server URL. */
export const serverBody = z.object({ message: serverMessage });

/** What the answer to a tool request may be in JSON (contract 4.3); text, other JSON and nothing are understood too. */
export const toolAnswer = z.union([
  z.object({ result: z.json() }),
  z.object({
    results: z.array(
      z.object({ toolCallId: z.string(), result: z.json().optional(), error: z.string().optional() }),
    ),
  }),
  z.object({ error: z.string() }),
]);
