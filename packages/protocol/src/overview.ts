import { z } from "zod";
import { attemptOutcomes } from "./delivery.ts";

/** `GET /events/v1/overview`: over how long a period up to now, in minutes. It is cut into {@link overviewBuckets} parts. */
export const overviewQuery = z.object({ minutes: z.coerce.number().int().min(1).max(1_440).default(60) });

export const overviewBuckets = 60;

/** What takes time in a call. `reply` is a model's whole answer, `delivery` an attempt at the Server URL. */
export const stages = ["first-content", "reply", "tool", "delivery"] as const;
export type Stage = (typeof stages)[number];

const counts = z.array(z.number().int());

/** How long a stage took, in ms; null where it did not happen. */
const stageFigures = z.object({
  stage: z.enum(stages),
  count: z.number().int(),
  p50: z.number().nullable(),
  p90: z.number().nullable(),
  p99: z.number().nullable(),
});
export type StageFigures = z.infer<typeof stageFigures>;

/** How an address of a Server URL has fared. */
const receiverFigures = z.object({
  url: z.string(),
  attempts: z.number().int(),
  accepted: counts,
  failed: counts,
  p50: z.number().nullable(),
  p99: z.number().nullable(),
  /** The last attempt: what became of it, and when, in epoch ms. */
  lastOutcome: z.enum(attemptOutcomes),
  lastAt: z.number().int(),
});
export type ReceiverFigures = z.infer<typeof receiverFigures>;

/** How the calls of a period go, and how the application is told of them. Times are epoch ms; lists have a number for each part of the period. */
export const overview = z.object({
  from: z.number().int(),
  to: z.number().int(),
  bucketMs: z.number(),
  /** From when on everything was looked at: later than `from` where more happened than is looked at. */
  since: z.number().int(),
  /** Calls that are not finished. */
  live: z.number().int(),
  /** Events that are neither accepted nor given up, and when the oldest of them happened. */
  waiting: z.object({
    events: z.number().int(),
    calls: z.number().int(),
    oldestAt: z.number().int().nullable(),
  }),
  turns: counts,
  hangs: counts,
  errors: counts,
  stages: z.array(stageFigures),
  outcomes: z.array(z.object({ outcome: z.enum(attemptOutcomes), count: z.number().int() })),
  accepted: counts,
  failed: counts,
  receivers: z.array(receiverFigures),
});
export type Overview = z.infer<typeof overview>;
