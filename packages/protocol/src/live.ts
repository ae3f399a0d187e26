import { z } from "zod";
import { callStatuses } from "./call.ts";
import { wireMessage } from "./message.ts";

/** What a client may send over a call's live WebSocket (contract 7). */
export const liveCommand = z.discriminatedUnion("type", [
  z.object({ type: z.literal("say"), text: z.string().trim().min(1).max(4_000) }),
  z.object({ type: z.literal("end") }),
]);
export type LiveCommand = z.infer<typeof liveCommand>;

/** What the server sends over it. `delta` is a piece of a message whose whole comes as `message`. */
export const liveUpdate = z.discriminatedUnion("type", [
  z.object({ type: z.literal("status"), status: z.enum(callStatuses), endedReason: z.string().nullable() }),
  z.object({ type: z.literal("message"), message: wireMessage }),
  z.object({ type: z.literal("delta"), messageId: z.string(), text: z.string() }),
  z.object({ type: z.literal("error"), code: z.string(), message: z.string() }),
]);
export type LiveUpdate = z.infer<typeof liveUpdate>;
