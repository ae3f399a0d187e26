import { z } from "zod";
import { jsonObject } from "./json.ts";

/** The three analyses of a finished call (contract 1.2). */
export const analysisKinds = ["summary", "successEvaluation", "structuredData"] as const;
export type AnalysisKind = (typeof analysisKinds)[number];

export const rubrics = [
  "PassFail",
  "DescriptiveScale",
  "NumericScale",
  "PercentageScale",
  "Checklist",
  "AutomaticRubric",
  "Matrix",
  "LikertScale",
] as const;
export type Rubric = (typeof rubrics)[number];

const plan = {
  enabled: z.boolean().default(false),
  prompt: z.string().max(20_000).optional(),
  provider: z.string().optional(),
  model: z.string().optional(),
  /** Seconds; after it the report goes without this part and says so. */
  timeoutInSecs: z.number().int().min(1).max(300).default(30),
};

export const assistantAnalysis = z.looseObject({
  summary: z.looseObject(plan).optional(),
  successEvaluation: z.looseObject({ ...plan, rubric: z.enum(rubrics).default("PassFail") }).optional(),
  structuredData: z.looseObject({ ...plan, schema: jsonObject.optional() }).optional(),
});
export type AssistantAnalysis = z.infer<typeof assistantAnalysis>;

const outcome = z.enum(["ok", "failed", "skipped"]);
export type AnalysisOutcome = z.infer<typeof outcome>;

/** What a finished call amounted to (contract 1.3). */
export const analysis = z.object({
  summary: z.string().optional(),
  successEvaluation: z.string().optional(),
  structuredData: jsonObject.optional(),
  status: z.object({ summary: outcome, successEvaluation: outcome, structuredData: outcome }),
  /** A sentence for each part that is not `ok`. */
  errors: z.partialRecord(z.enum(analysisKinds), z.string()),
  /** Ids of the messages that a field of the structured data rests on. */
  evidence: z.record(z.string(), z.array(z.string())).optional(),
  /** Why a field of the structured data has no value, or not the one that the model gave. */
  gaps: z.record(z.string(), z.string()).optional(),
});
export type Analysis = z.infer<typeof analysis>;
