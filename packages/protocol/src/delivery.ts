import { z } from "zod";
import { tellTypes } from "./server.ts";

export const deliveryStates = ["pending", "retrying", "delivered", "superseded", "dead"] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** What became of one attempt, in words. */
export const attemptOutcomes = [
  "accepted",
  "refused",
  "busy",
  "gone",
  "timed-out",
  "unreachable",
  "forbidden",
] as const;
export type AttemptOutcome = (typeof attemptOutcomes)[number];

/** One attempt to deliver. Times are epoch ms; bodies are cut at 64 KiB. */
export const attempt = z.object({
  attempt: z.number().int(),
  at: z.number().int(),
  elapsedMs: z.number(),
  outcome: z.enum(attemptOutcomes),
  /** A sentence about it. */
  detail: z.string(),
  request: z.object({ url: z.string(), headers: z.record(z.string(), z.string()) }),
  answer: z
    .object({ status: z.number().int(), headers: z.record(z.string(), z.string()), body: z.string() })
    .nullable(),
});
export type Attempt = z.infer<typeof attempt>;

/** An event on its way to a Server URL. */
export const delivery = z.object({
  /** The event's id, the same as its `webhook-id`. */
  id: z.string(),
  callId: z.string(),
  sequence: z.number().int(),
  type: z.enum(tellTypes),
  state: z.enum(deliveryStates),
  /** Epoch ms of the happening that it tells of. */
  at: z.number().int(),
  attempts: z.number().int(),
  /** Epoch ms of the next attempt; null when none is planned. */
  nextAt: z.number().int().nullable(),
  /** Why it was given up; null when it was not. */
  reason: z.string().nullable(),
});
export type Delivery = z.infer<typeof delivery>;
