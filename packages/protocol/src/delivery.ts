import { z } from "zod";
import { date, page } from "./api.ts";
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

/** Which events are meant. Dates bound the happening that is told, both included; a date alone is the whole day, in UTC. */
const chosenBy = {
  type: z.enum(tellTypes).optional(),
  assistantId: z.string().max(64).optional(),
  startDate: date.optional(),
  endDate: date.optional(),
};

/** What `GET /events/v1/deliveries` and a call's `/deliveries` take. */
export const deliveriesQuery = z.object({
  ...page,
  state: z.enum(deliveryStates).optional(),
  ...chosenBy,
});

/** `POST /events/v1/deliveries/redeliver`: what is sent again. Those that are still to be sent come anyway. */
export const redeliverBody = z.object({
  state: z.enum(["dead", "superseded", "delivered"]).default("dead"),
  ...chosenBy,
});
export type RedeliverBody = z.infer<typeof redeliverBody>;

/** What `POST /events/v1/deliveries/redeliver` answers. */
export const manySentAgain = z.object({
  accepted: z.literal(true),
  events: z.number().int().describe("How many events are sent again."),
  calls: z.number().int().describe("Of how many calls; each call's go in their order."),
  more: z.boolean().describe("Whether there are more of them: ask again."),
});
export type ManySentAgain = z.infer<typeof manySentAgain>;
