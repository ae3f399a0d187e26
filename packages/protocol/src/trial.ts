import { z } from "zod";
import { attempt } from "./delivery.ts";
import { toolOutcome } from "./entry.ts";

/** What came of a sample event, by `POST /events/v1/test`: the attempt, and the body that was sent. */
export const sampleTrial = attempt.extend({ request: attempt.shape.request.extend({ body: z.string() }) });
export type SampleTrial = z.infer<typeof sampleTrial>;

/** What came of trying a tool out: the exchange, and how its answer was understood. Secrets are masked. */
export const toolTrial = z.object({
  outcome: toolOutcome,
  elapsedMs: z.number(),
  exchange: z.object({
    method: z.string(),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
    /** Null when nothing was answered. */
    status: z.number().int().nullable(),
    answer: z.string(),
    attempts: z.number().int(),
  }),
});
export type ToolTrial = z.infer<typeof toolTrial>;

/** What `rotate-secret` answers: the new secret, shown this once, and until when the one before signs too. */
export const rotatedSecret = z.object({
  secret: z.string().describe("Signs from now on. Shown this once."),
  previousSecretUntil: z.iso
    .datetime()
    .nullable()
    .describe("Until then the one before signs too; null when there was none, or no overlap was asked for."),
});
export type RotatedSecret = z.infer<typeof rotatedSecret>;
