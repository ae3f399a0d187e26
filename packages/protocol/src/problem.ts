import { z } from "zod";

/** One fault of a body, at a JSON Pointer (RFC 6901) into it. */
export const fault = z.object({ path: z.string(), message: z.string() });
export type Fault = z.infer<typeof fault>;

/** An error of the API: `application/problem+json`, RFC 9457. `detail` says what to do. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  /** Our short name of it, to branch on. */
  code: z.string(),
  errors: z.array(fault).optional(),
});
export type Problem = z.infer<typeof problem>;

/** Why the server does not do what it was asked, by name. */
export const refusalCodes = [
  "invalid",
  "unauthorized",
  "not-found",
  "method-not-allowed",
  "too-large",
  "unsupported-media-type",
  "forbidden-address",
  "call-finished",
  "call-ending",
  "agenda-full",
  "not-on-this-channel",
  "unknown-tool-call",
  "irrevocable-key",
  "not-available-yet",
  "over-capacity",
  "team-over-capacity",
  "nobody-answers",
  "stopping",
  "taking-over",
  "outcome-unknown",
  "store-unavailable",
  "internal",
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** A refusal as a value: its name, what to do about it, and the faults by path if there are any. */
export type Refusal = { refused: RefusalCode; detail: string; errors?: Fault[] };
