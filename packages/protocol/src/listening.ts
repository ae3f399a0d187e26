import { z } from "zod";

/**
 * A tool call that is handed to a listener instead of to the Server URL: the
 * data of `event: tool-call` in the stream of `GET /events/v1/listen`.
 */
export const listenedToolCall = z.object({
  /** The tool call's id, its `webhook-id`: the idempotency key. */
  id: z.string(),
  callId: z.string(),
  /** Null for a call with an inline assistant. */
  assistantId: z.string().nullable(),
  name: z.string(),
  /** 1, 2 … */
  attempt: z.number().int(),
  /** The body as it would be POSTed to the Server URL. The listener signs it: secrets do not leave the server. */
  body: z.string(),
  /** The answer is waited for so long, in ms. */
  timeoutMs: z.number().int(),
});
export type ListenedToolCall = z.infer<typeof listenedToolCall>;

/** So many characters of an answer are taken: 256 KiB in bytes is the server's own limit. */
const answerCharactersMax = 262_144;

/**
 * What a listener says of a tool call: first that it has `taken` it, then what
 * was `answered`, or why nothing was.
 */
export const listenerAnswer = z.discriminatedUnion("type", [
  z.object({ type: z.literal("taken") }),
  z.object({
    type: z.literal("answered"),
    status: z.number().int().min(100).max(599),
    headers: z.record(z.string().max(128), z.string().max(4_096)).default({}),
    body: z.string().max(answerCharactersMax),
  }),
  z.object({ type: z.literal("failed"), detail: z.string().min(1).max(500) }),
]);
export type ListenerAnswer = z.infer<typeof listenerAnswer>;

/** Whose tool calls a listener takes: those of some assistants, or of all in the team. */
export type Listened = "all" | readonly string[];
