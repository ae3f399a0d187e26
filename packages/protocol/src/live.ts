import { z } from "zod";
import { callStatuses } from "./call.ts";
import { wireMessage } from "./message.ts";

/** What a client may send over a call's live WebSocket (contract 7). */
export const liveCommand = z.discriminatedUnion("type", [
  z.object({ type: z.literal("say"), text: z.string().trim().min(1).max(4_000) }),
  z.object({ type: z.literal("end") }),
]);
export type LiveCommand = z.infer<typeof liveCommand>;

/** What each side of a call does. */
export const assistantStates = ["initializing", "listening", "thinking", "speaking"] as const;
export const userStates = ["speaking", "listening", "away"] as const;

/** What the server sends over it. `delta` is a piece of a message whose whole comes as `message`. */
export const liveUpdate = z.discriminatedUnion("type", [
  z.object({ type: z.literal("status"), status: z.enum(callStatuses), endedReason: z.string().nullable() }),
  z.object({ type: z.literal("message"), message: wireMessage }),
  z.object({ type: z.literal("delta"), messageId: z.string(), text: z.string() }),
  z.object({ type: z.literal("error"), code: z.string(), message: z.string() }),
  /** What each side does now, and when the call acts by itself at the latest (epoch ms), and why. Only the last one counts. */
  z.object({
    type: z.literal("state"),
    assistant: z.enum(assistantStates),
    user: z.enum(userStates),
    waitsFor: z.object({ kind: z.string(), at: z.number() }),
  }),
]);
export type LiveUpdate = z.infer<typeof liveUpdate>;
export type LiveState = Extract<LiveUpdate, { type: "state" }>;
