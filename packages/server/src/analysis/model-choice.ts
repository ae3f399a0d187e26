import {
  type AnalysisKind,
  type AssistantAnalysis,
  type AssistantBody,
  type Provider,
  providers,
} from "@offhook/protocol";
import type { ModelSettings } from "../model.ts";

/** Which model an analysis asks, and where it is. */
export type ModelChoice = Pick<ModelSettings, "provider" | "model" | "baseUrl" | "script">;

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
  return { kind: "chosen", choice: { provider, model, ...ownOf(assistant, provider) } };
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
