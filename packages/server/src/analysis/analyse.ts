import type {
  Analysis,
  AnalysisKind,
  AssistantAnalysis,
  AssistantBody,
  Entry,
  JsonObject,
} from "@offhook/protocol";
import type { Clock } from "../clock.ts";
import type { Model } from "../model.ts";
import { type Ask, askWithin } from "./ask.ts";
import { cutEnd } from "./excerpt.ts";
import { limits } from "./limits.ts";
import { chooseModel, type Plan } from "./model-choice.ts";
import { failed, type Outcome, skipped } from "./outcome.ts";
import { dataQuestion, evaluationQuestion, type Material, summaryQuestion } from "./prompts.ts";
import { readVerdict } from "./rubric.ts";
import { structureData } from "./structured-data.ts";
import { transcriptOf } from "./transcript.ts";

export type AnalysisParts = { model: Model; clock: Clock };

/**
 * Works out what a finished call amounted to: summary, success evaluation and
 * structured data, side by side, each within its own time limit. Never throws;
 * what is missing has a sentence that says why.
 */
export async function analyse(
  parts: AnalysisParts,
  given: { assistant: AssistantBody; entries: readonly Entry[] },
): Promise<Analysis> {
  const plans = given.assistant.assistantAnalysis ?? {};
  const material: Material = { assistant: given.assistant, transcript: transcriptOf(given.entries) };
  const [summary, successEvaluation, structuredData] = await Promise.all([
    perform(parts, material, { kind: "summary", plan: plans.summary, work: summarise }),
    perform(parts, material, { kind: "successEvaluation", plan: plans.successEvaluation, work: evaluate }),
    perform(parts, material, { kind: "structuredData", plan: plans.structuredData, work: structure }),
  ]);
  return analysisOf({ summary, successEvaluation, structuredData });
}

type PlanOf<Kind extends AnalysisKind> = NonNullable<AssistantAnalysis[Kind]>;

/** One analysis. What it asks with ends by its time limit; so does the work, which waits for nothing else. */
type Task<Of extends Plan, Value> = {
  kind: AnalysisKind;
  plan: Of | undefined;
  work: (ask: Ask, material: Material, plan: Of) => Promise<Outcome<Value>>;
};

async function perform<Of extends Plan, Value>(
  { model, clock }: AnalysisParts,
  material: Material,
  { kind, plan, work }: Task<Of, Value>,
): Promise<Outcome<Value>> {
  if (plan?.enabled !== true) return skipped(`${titles[kind]} is not enabled for this assistant.`);
  if (material.transcript.lines === "") return skipped("Nobody said anything in this call.");
  const chosen = chooseModel(material.assistant, plan);
  if (chosen.kind === "not-chosen") return failed(chosen.error);
  const { timeoutInSecs } = plan;
  const stop = new AbortController();
  const cancel = clock.after(timeoutInSecs * 1_000, () => stop.abort());
  try {
    const ask = askWithin({ model, clock, choice: chosen.choice, kind, timeoutInSecs, signal: stop.signal });
    return await work(ask, material, plan);
  } catch (error) {
    return failed(`${titles[kind]} failed inside the server: ${String(error)}`);
  } finally {
    cancel();
    stop.abort();
  }
}

const titles = {
  summary: "The summary",
  successEvaluation: "The success evaluation",
  structuredData: "The structured data",
} as const satisfies Record<AnalysisKind, string>;

async function summarise(ask: Ask, material: Material, plan: PlanOf<"summary">): Promise<Outcome<string>> {
  const answer = await ask(summaryQuestion(material, plan));
  if (answer.kind === "failed") return failed(answer.error);
  return { status: "ok", value: cutEnd(answer.text, limits.textMax) };
}

async function evaluate(
  ask: Ask,
  material: Material,
  plan: PlanOf<"successEvaluation">,
): Promise<Outcome<string>> {
  const answer = await ask(evaluationQuestion(material, plan));
  if (answer.kind === "failed") return failed(answer.error);
  const verdict = readVerdict(plan.rubric, answer.text);
  return verdict.kind === "read" ? { status: "ok", value: verdict.value } : failed(verdict.error);
}

function structure(
  ask: Ask,
  material: Material,
  plan: PlanOf<"structuredData">,
): Promise<Outcome<JsonObject>> {
  return structureData(ask, dataQuestion(material, plan));
}

type Outcomes = {
  summary: Outcome<string>;
  successEvaluation: Outcome<string>;
  structuredData: Outcome<JsonObject>;
};

function analysisOf({ summary, successEvaluation, structuredData }: Outcomes): Analysis {
  return {
    ...("value" in summary ? { summary: summary.value } : {}),
    ...("value" in successEvaluation ? { successEvaluation: successEvaluation.value } : {}),
    ...("value" in structuredData ? { structuredData: structuredData.value } : {}),
    status: {
      summary: summary.status,
      successEvaluation: successEvaluation.status,
      structuredData: structuredData.status,
    },
    errors: {
      ...("error" in summary ? { summary: cutEnd(summary.error, limits.errorMax) } : {}),
      ...("error" in successEvaluation
        ? { successEvaluation: cutEnd(successEvaluation.error, limits.errorMax) }
        : {}),
      ...("error" in structuredData ? { structuredData: cutEnd(structuredData.error, limits.errorMax) } : {}),
    },
  };
}
