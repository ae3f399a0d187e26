import { z } from "zod";
import { jsonObject } from "./json.ts";

const phrase = z.string().min(1).max(200);

/**
 * One rule of a rehearsal script. It applies when its trigger fits and the
 * named facts are known (`known`) or not yet (`unknown`). `when` holds phrases:
 * words, `*` for any words, `{name}` for up to six words that become a fact.
 * A name is a fact, `result.path` of the latest tool answer, `error` of it, or
 * `toolName.path` of that tool's latest answer. Without `when` and `after`, any
 * words of the user trigger it, and the opening of a call.
 */
export const rehearsalRule = z.object({
  /** Phrases of the user; absent with `after`. */
  when: z.array(phrase).max(50).optional(),
  /** The tool whose answer has just come. */
  after: z.string().max(64).optional(),
  known: z.array(z.string().max(64)).max(20).default([]),
  unknown: z.array(z.string().max(64)).max(20).default([]),
  /** Words of the reply; `{{fact}}` and `{{result.path}}` are filled in. */
  say: z.string().max(2_000).optional(),
  call: z
    .array(z.object({ name: z.string().max(64), arguments: jsonObject.default({}) }))
    .max(8)
    .optional(),
  /** Silence before the first content of the reply, in ms: for trying out hangs. */
  delayMs: z.number().int().min(0).max(600_000).optional(),
});
export type RehearsalRule = z.infer<typeof rehearsalRule>;

/** A script for the `rehearsal` model, which is no language model and says so. */
export const rehearsalScript = z.object({
  /** Phrases whose `{slots}` are remembered as facts, whatever rule applies. */
  hear: z.array(phrase).max(100).default([]),
  rules: z.array(rehearsalRule).max(200).default([]),
  /** Said when no rule applies. */
  otherwise: z.string().max(2_000).optional(),
  /** Words for the analyses; `{{fact}}` filled in. */
  analysis: z
    .object({
      summary: z.string().max(4_000).optional(),
      /** The facts that must be known for the call to count as a success. */
      success: z.array(z.string().max(64)).max(20).optional(),
      structuredData: jsonObject.optional(),
    })
    .optional(),
});
export type RehearsalScript = z.infer<typeof rehearsalScript>;
