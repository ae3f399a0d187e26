import type { AnalysisKind, JsonObject } from "@offhook/protocol";
import { type Clock, sleep } from "../clock.ts";
import type { Model, ModelFailure, ModelName, ModelRequest, ModelUse } from "../model.ts";
import { answerTokensMax, limits, retryPausesMs } from "./limits.ts";
import type { ModelChoice } from "./model-choice.ts";

/** What a model is asked: what to do, and the material to do it with. */
export type Question = { instructions: string; material: string; schema?: JsonObject };

/** What came back; a failure is a sentence. */
export type Answer = { kind: "text"; text: string } | { kind: "failed"; error: string };

/** Asks the model of one analysis. Never throws, and answers as soon as its signal says stop. */
export type Ask = (question: Question) => Promise<Answer>;

/** Who is asked, for what, and until when. */
export type Asking = {
  model: Model;
  clock: Clock;
  choice: ModelChoice;
  kind: AnalysisKind;
  /** Takes down what is asked, and what it used once that is known. */
  note: (request: ModelUse) => (use: ModelUse) => void;
  signal: AbortSignal;
};

/** A way to ask within one analysis; a failure that may pass is tried again while there is time. */
export function askWithin(asking: Asking): Ask {
  return (question) => orLate(asking, askPatiently(asking, requestOf(asking, question)));
}

function requestOf({ choice, kind }: Asking, { instructions, material, schema }: Question): ModelRequest {
  return {
    ...choice,
    temperature: 0,
    maxTokens: answerTokensMax[kind],
    purpose: kind,
    messages: [
      { role: "system", text: instructions },
      { role: "user", text: material },
    ],
    tools: [],
    ...(schema === undefined ? {} : { schema }),
  };
}

/** The signal counts even for a model that does not heed it: what that one answers later is dropped. */
function orLate({ signal }: Asking, answer: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve) => {
    const late = (): void => resolve({ kind: "failed", error: "The model was given up: it did not answer." });
    if (signal.aborted) late();
    else signal.addEventListener("abort", late, { once: true });
    answer.then(resolve, (error: unknown) =>
      resolve({ kind: "failed", error: `The model broke: ${String(error)}` }),
    );
  });
}

async function askPatiently(asking: Asking, request: ModelRequest): Promise<Answer> {
  const { clock, signal } = asking;
  for (const pauseMs of retryPausesMs) {
    const heard = await listen(asking, request);
    if (heard.kind !== "failure") return heard;
    if (!heard.failure.retryable || signal.aborted) return { kind: "failed", error: heard.failure.message };
    await sleep(clock, pauseMs, signal);
  }
  const heard = await listen(asking, request);
  return heard.kind === "failure" ? { kind: "failed", error: heard.failure.message } : heard;
}

type Heard = Answer | { kind: "failure"; failure: ModelFailure };

async function listen({ model, signal, note }: Asking, request: ModelRequest): Promise<Heard> {
  let text = "";
  let of: ModelName = { provider: request.provider, model: request.model };
  const used = note({ of, usage: undefined });
  for await (const event of model.stream(request, signal)) {
    if (event.type === "failed") return { kind: "failure", failure: event.failure };
    if (event.type === "failed-over") {
      of = event.to;
      used({ of, usage: undefined });
    }
    if (event.type === "finished") {
      used({ of, usage: event.usage });
      return whole(text);
    }
    if (event.type === "text") text += event.text;
    if (text.length > limits.answerMax) return { kind: "failed", error: tooLong };
  }
  return { kind: "failed", error: "The model's answer broke off." };
}

const tooLong = `The model's answer was called off: it grew beyond ${limits.answerMax} characters.`;

function whole(text: string): Answer {
  const trimmed = text.trim();
  return trimmed === ""
    ? { kind: "failed", error: "The model gave an empty answer." }
    : { kind: "text", text: trimmed };
}
