import { z } from "zod";
import { date, page } from "./api.ts";
import { tellTypes } from "./words.ts";

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

const phaseMs = z.number().min(0).nullable();

/**
 * Where the time of an attempt went, in ms. null is what was not needed (an
 * address has no DNS, http no TLS, a connection that was kept open none of the
 * three) or did not come about. The rest of `elapsedMs` was waiting for a free
 * connection, and reading the answer to its end.
 */
const attemptPhases = z.object({
  /** Looking the name up. */
  dnsMs: phaseMs,
  /** Connecting, through the egress proxy if there is one. */
  connectMs: phaseMs,
  /** The TLS handshake. */
  tlsMs: phaseMs,
  /** From sending the request to the first of its answer. */
  firstByteMs: phaseMs,
});
export type AttemptPhases = z.infer<typeof attemptPhases>;

/** One attempt to deliver. Times are epoch ms; bodies are cut at 64 KiB. */
export const attempt = z.object({
  attempt: z.number().int(),
  at: z.number().int(),
  /** The whole, from the look-up to the end of the answer. */
  elapsedMs: z.number(),
  phases: attemptPhases,
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
  /** The id of an event: those that happened before it. Goes on with a list however much has come in since. */
  before: z.string().max(80).optional(),
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
