import type { AnalysisKind } from "@offhook/protocol";

/** What an analysis may take; the time that it may take is the assistant's `timeoutInSecs`. */
export const limits = {
  /** Characters of the transcript that a model is shown; the middle of a longer one is left out. */
  transcriptMax: 100_000,
  /** Characters of one line of it, and of one tool call's arguments. */
  lineMax: 8_000,
  /** Characters of the arguments of all tool calls together. */
  argumentsMax: 20_000,
  /** Characters of the assistant's own instructions that a judge is shown. */
  instructionsMax: 8_000,
  /** Characters of a model's answer; a longer one is called off. */
  answerMax: 100_000,
  /** Characters of a summary, and of a success evaluation, that are kept. */
  textMax: 8_000,
  /** Characters of an earlier answer that a model is shown to put it right. */
  earlierAnswerMax: 8_000,
  /** Characters of an error sentence. */
  errorMax: 1_000,
  /** Characters of an answer that are quoted in an error. */
  quoteMax: 80,
  /** Faults that are named in one error. */
  faultsMax: 12,
  /** Fields whose evidence and gaps are kept. */
  fieldsMax: 200,
  /** Messages that are kept as the evidence of one field. */
  evidenceMax: 20,
  /** Characters of the reason for a gap. */
  gapMax: 300,
  /** How much longer than its time an analysis may go on, in ms: what comes then is told late. */
  lateMs: 120_000,
  /** Analyses that may wait for their turn; one more is not made. */
  waitingMax: 10_000,
  /** Criteria that are kept of a checklist, rubric or matrix. */
  criteriaMax: 50,
  /** Characters of the name of a criterion. */
  criterionMax: 200,
  /** Milliseconds that a schema may keep this thread busy at a time: it comes from outside, patterns and all. */
  schemaMs: 500,
  /** Rounds of taking away what does not fit a schema; each takes away at least one value. */
  schemaRoundsMax: 64,
} as const;

/** Tokens of an answer. */
export const answerTokensMax = {
  summary: 1_024,
  successEvaluation: 1_024,
  structuredData: 4_096,
} as const satisfies Record<AnalysisKind, number>;

/** Pauses before a request that failed in passing is made again, in ms; the time limit holds over all of them. */
export const retryPausesMs = [1_000, 4_000] as const;
