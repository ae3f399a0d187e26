import {
  type AnalysisKind,
  type AssistantAnalysis,
  type AssistantBody,
  type Provider,
  providers,
} from "@offhook/protocol";
import type { ModelSettings } from "../model.ts";

/** How long a model that has another behind it may take to its first word in an analysis: nobody waits on the line. */
const fallbackAfterMs = 20_000;

/** Which model an analysis asks, and where it is. */
export type ModelChoice = Pick<
  ModelSettings,
  "provider" | "model" | "baseUrl" | "script" | "fallbacks" | "fallbackAfterMs"
>;

export type Chosen = { kind: "chosen"; choice: ModelChoice } | { kind: "not-chosen"; error: string };

export type Plan = NonNullable<AssistantAnalysis[AnalysisKind]>;

/** The model that the plan names, or else the assistant's. A provider of its own needs a model of its own. */
export function chooseModel(assistant: AssistantBody, plan: Plan): Chosen {
  const named = textOf(plan.provider);
  const provider =
    named === undefined ? assistant.assistantProvider : providers.find((each) => each === named);
  if (provider === undefined) {
    const known = providers.join(", ");
    return { kind: "not-chosen", error: `This analysis asks for the provider ${named}; known are ${known}.` };
  }
  const model = textOf(plan.model) ?? modelOf(assistant, provider);
  if (model === undefined) {
    return {
      kind: "not-chosen",
      error: `This analysis asks for the provider ${provider} but names no model of it.`,
    };
  }
  const isOwn = named === undefined && textOf(plan.model) === undefined;
  const fallbacks = isOwn ? fallbacksOf(assistant) : {};
  return { kind: "chosen", choice: { provider, model, ...ownOf(assistant, provider), ...fallbacks } };
}

/** Forms leave what is not filled in as `""`. */
function textOf(given: string | undefined): string | undefined {
  const text = given?.trim();
  return text === "" ? undefined : text;
}

function modelOf(
  { assistantProvider, assistantModel }: AssistantBody,
  provider: Provider,
): string | undefined {
  if (provider === assistantProvider) return assistantModel;
  return provider === "rehearsal" ? "rehearsal" : undefined;
}

function ownOf(assistant: AssistantBody, provider: Provider): Pick<ModelChoice, "baseUrl" | "script"> {
  const { assistantLLMUrl: baseUrl, rehearsal: script } = assistant;
  if (provider === "custom-llm" && baseUrl !== undefined) return { baseUrl };
  return provider === "rehearsal" && script !== undefined ? { script } : {};
}

/** The assistant's fallbacks, for an analysis that asks the assistant's model. */
function fallbacksOf({ fallbackModels }: AssistantBody): Pick<ModelChoice, "fallbacks" | "fallbackAfterMs"> {
  if (fallbackModels.length === 0) return {};
  const fallbacks = fallbackModels.map(({ provider, model, url }) => ({
    provider,
    model,
    ...(url === undefined ? {} : { baseUrl: url }),
  }));
  return { fallbacks, fallbackAfterMs };
}
