import { z } from "zod";
import type { Format } from "./words.ts";

/** Who said it. */
export const roles = ["user", "assistant"] as const;

/**
 * One message of a conversation (contract 1.4), as journals hold it:
 * `timestamp` is epoch ms. See {@link wireMessage} for how it is sent.
 */
export const message = z.object({
  messageId: z.string().min(1),
  role: z.enum(roles),
  /** What the user said, or was given to hear: a cut-off reply holds the part that was heard. */
  text: z.string(),
  timestamp: z.number().int(),
  /** Times in ms. */
  metrics: z.object({ llm: z.object({ responseLatencyMs: z.number() }).optional() }).optional(),
  skippedAssistantMessages: z.array(z.string()).optional(),
});
export type Message = z.infer<typeof message>;

/** A message as it is sent and answered: `timestamp` is ISO 8601 in UTC (2025-04, the API) or epoch ms (2026-03). */
export const wireMessage = message.extend({ timestamp: z.union([z.iso.datetime(), z.number().int()]) });
export type WireMessage = z.infer<typeof wireMessage>;

/** Writes a message for a payload format; the API answers in `2025-04`. */
export function toWireMessage(given: Message, format: Format = "2025-04"): WireMessage {
  return format === "2026-03" ? given : { ...given, timestamp: new Date(given.timestamp).toISOString() };
}
