import type {
  Analysis,
  AnalysisOutcome,
  AnalysisKind,
  AssistantAnalysis,
  AssistantBody,
  Entry,
} from "@offhook/protocol";
import type { Clock } from "../clock.ts";
import type { Model, ModelUse } from "../model.ts";
import { type Ask, askWithin } from "./ask.ts";
import { cutEnd } from "./excerpt.ts";
import { type Interim, type Run, runInTime } from "./in-time.ts";
import { limits } from "./limits.ts";
import { chooseModel, type Plan } from "./model-choice.ts";
import { failed, type Outcome, skipped } from "./outcome.ts";
import { dataQuestion, evaluationQuestion, type Material, summaryQuestion } from "./prompts.ts";
import type { AnalysisQueue } from "./queue.ts";
import { readVerdict } from "./rubric.ts";
import { structureData, type Structured } from "./structured-data.ts";
import { transcriptOf } from "./transcript.ts";

export type AnalysisParts = { model: Model; clock: Clock; queue: AnalysisQueue };

/** `signal` gives all of it up, as when the server stops: nothing is answered then. */
export type CallToAnalyse = { assistant: AssistantBody; entries: readonly Entry[]; signal: AbortSignal };

/** What a call amounted to, and what was asked of models for it. */
export type Analysed = { analysis: Analysis; uses: readonly ModelUse[] };

/** `inTime` fails when it is given up; `late` is the analysis with what came after its time, if something did. */
export type Analyses = { inTime: Promise<Analysed>; late: Promise<Analysed | undefined> };

/**
 * Works out what a finished call amounted to: summary, success evaluation and
 * structured data, side by side as the queue has room, each within its own time
 * limit. What is missing has a sentence that says why.
 */
export function analyse(parts: AnalysisParts, given: CallToAnalyse): Analyses {
  const plans = given.assistant.assistantAnalysis ?? {};
  const material: Material = { assistant: given.assistant, transcript: transcriptOf(given.entries) };
  const uses: ModelUse[] = [];
  const asking: Asking = { ...parts, material, uses, signal: given.signal };
  const runs = {
    summary: perform(asking, { kind: "summary", plan: plans.summary, work: summarise }),
    successEvaluation: perform(asking, {
      kind: "successEvaluation",
      plan: plans.successEvaluation,
      work: evaluate,
    }),
    structuredData: perform(asking, { kind: "structuredData", plan: plans.structuredData, work: structure }),
  };
  const inTime = whenAll(runs.summary.inTime, runs.successEvaluation.inTime, runs.structuredData.inTime);
  const late = whenAll(runs.summary.late, runs.successEvaluation.late, runs.structuredData.late);
  return {
    inTime: inTime.then((outcomes) => ({ analysis: analysisOf(outcomes), uses: [...uses] })),
    late: Promise.all([inTime, late]).then(
      ([before, after]) => amended({ before, after, uses }),
      () => undefined,
    ),
  };
}

async function whenAll<One, Two, Three>(
  summary: Promise<One>,
  successEvaluation: Promise<Two>,
  structuredData: Promise<Three>,
) {
  const [one, two, three] = await Promise.all([summary, successEvaluation, structuredData]);
  return { summary: one, successEvaluation: two, structuredData: three };
}

type Late = { [Kind in AnalysisKind]: Outcomes[Kind] | undefined };

function amended({
  before,
  after,
  uses,
}: {
  before: Outcomes;
  after: Late;
  uses: ModelUse[];
}): Analysed | undefined {
  if (Object.values(after).every((outcome) => outcome === undefined)) return undefined;
  const outcomes = {
    summary: after.summary ?? before.summary,
    successEvaluation: after.successEvaluation ?? before.successEvaluation,
    structuredData: after.structuredData ?? before.structuredData,
  };
  return { analysis: analysisOf(outcomes), uses: [...uses] };
}

type PlanOf<Kind extends AnalysisKind> = NonNullable<AssistantAnalysis[Kind]>;

type Asking = AnalysisParts & { material: Material; uses: ModelUse[]; signal: AbortSignal };

/** One analysis. What it asks with ends by its signal; so does the work, which waits for nothing else. */
type Task<Of extends Plan, Value> = {
  kind: AnalysisKind;
  plan: Of | undefined;
  work: (
    ask: Ask,
    about: { material: Material; plan: Of; interim: Interim<Value> },
  ) => Promise<Outcome<Value>>;
};

function perform<Of extends Plan, Value>(asking: Asking, { kind, plan, work }: Task<Of, Value>): Run<Value> {
  const { material, model, clock, queue, uses, signal } = asking;
  if (plan?.enabled !== true) return known(skipped(`${titles[kind]} is not enabled for this assistant.`));
  if (material.transcript.lines === "") return known(skipped("Nobody said anything in this call."));
  const chosen = chooseModel(material.assistant, plan);
  if (chosen.kind === "not-chosen") return known(failed(chosen.error));
  const { timeoutInSecs } = plan;
  const turn: { state: "waiting" | "come" } = { state: "waiting" };
  const terms = {
    clock,
    limitMs: timeoutInSecs * 1_000,
    lateMs: limits.lateMs,
    signal,
    tooLate: () =>
      failed(
        `The time of ${timeoutInSecs} s was over ${turn.state === "come" ? answerMissing : turnMissing}`,
      ),
  };
  return runInTime(terms, async (stop, interim: Interim<Value>) => {
    const note = noteIn(uses);
    const ask = askWithin({ model, clock, choice: chosen.choice, kind, note, signal: stop });
    const done = await queue.run(stop, () => {
      turn.state = "come";
      return work(ask, { material, plan, interim });
    });
    if (done === "turned-away") return failed(`It was not made: ${limits.waitingMax} analyses wait already.`);
    return done === "given-up" ? failed("It was given up before its turn came.") : done;
  });
}

const answerMissing = "before the model had answered.";
const turnMissing = "before its turn came: other analyses and live calls go first.";

function known<Value>(outcome: Outcome<Value>): Run<Value> {
  return { inTime: Promise.resolve(outcome), late: Promise.resolve(undefined) };
}

/** A request stands in the list from its beginning on, so that one under way is not forgotten. */
function noteIn(uses: ModelUse[]): (request: ModelUse) => (use: ModelUse) => void {
  return (request) => {
    const place = uses.push(request) - 1;
    return (use) => (uses[place] = use);
  };
}

const titles = {
  summary: "The summary",
  successEvaluation: "The success evaluation",
  structuredData: "The structured data",
} as const satisfies Record<AnalysisKind, string>;

async function summarise(
  ask: Ask,
  { material, plan }: { material: Material; plan: PlanOf<"summary"> },
): Promise<Outcome<string>> {
  const answer = await ask(summaryQuestion(material, plan));
  if (answer.kind === "failed") return failed(answer.error);
  return { status: "ok", value: cutEnd(answer.text, limits.textMax) };
}

async function evaluate(
  ask: Ask,
  { material, plan }: { material: Material; plan: PlanOf<"successEvaluation"> },
): Promise<Outcome<string>> {
  const answer = await ask(evaluationQuestion(material, plan));
  if (answer.kind === "failed") return failed(answer.error);
  const verdict = readVerdict(plan.rubric, answer.text);
  return verdict.kind === "read" ? { status: "ok", value: verdict.value } : failed(verdict.error);
}

function structure(
  ask: Ask,
  about: { material: Material; plan: PlanOf<"structuredData">; interim: Interim<Structured> },
): Promise<Outcome<Structured>> {
  const { material, plan, interim } = about;
  return structureData(ask, { ...dataQuestion(material, plan), ids: material.transcript.ids }, interim);
}

type Outcomes = {
  summary: Outcome<string>;
  successEvaluation: Outcome<string>;
  structuredData: Outcome<Structured>;
};

function analysisOf({ summary, successEvaluation, structuredData }: Outcomes): Analysis {
  return {
    ...("value" in summary ? { summary: summary.value } : {}),
    ...("value" in successEvaluation ? { successEvaluation: successEvaluation.value } : {}),
    ...("value" in structuredData ? shownData(structuredData.status, structuredData.value) : {}),
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

function shownData(
  status: AnalysisOutcome,
  { data, evidence, gaps }: Structured,
): Pick<Analysis, "structuredData" | "evidence" | "gaps"> {
  return {
    ...(status === "failed" && isEmpty(data) ? {} : { structuredData: data }),
    ...(isEmpty(evidence) ? {} : { evidence }),
    ...(isEmpty(gaps) ? {} : { gaps }),
  };
}

function isEmpty(object: object): boolean {
  return Object.keys(object).length === 0;
}
