import type { AssistantBody, Cost, Entry, ModelPrice, ModelUsage, Reading } from "@offhook/protocol";
import type { ModelName, ModelUse, Prices } from "../model.ts";

/** What a report's cost is reckoned from. */
export type Used = {
  reading: Reading;
  entries: readonly Entry[];
  /** What the analyses asked of models. */
  analyses: readonly ModelUse[];
  assistant: AssistantBody;
  prices: Prices;
};

/** What a call used and what it cost. What was not told is not made up: it is counted as uncounted. */
export function costOf({ reading, entries, analyses, assistant, prices }: Used): Cost {
  // A rehearsal is no language model: it has no tokens and costs nothing.
  const uses = [...usesIn(entries), ...analyses].filter(({ of }) => of.provider !== "rehearsal");
  const told = uses.flatMap(({ usage }) => (usage === undefined ? [] : [usage]));
  const costs = uses.map(({ of, usage }) => priced(usage, priceOf(of, assistant, prices)));
  const isTold = told.length > 0 || uses.length === 0;
  return {
    callDuration: reading.call.assistantCallDuration / 1_000,
    llmPromptTokens: isTold ? sum(told.map(({ promptTokens }) => promptTokens)) : null,
    llmCompletionTokens: isTold ? sum(told.map(({ completionTokens }) => completionTokens)) : null,
    llmRequestsUncounted: uses.length - told.length,
    llmCost: costs.every((cost) => cost !== undefined) ? rounded(sum(costs)) : null,
    currency: "USD",
  };
}

/** The requests of a conversation that used tokens, each with the model that it was made to last. */
function usesIn(entries: readonly Entry[]): ModelUse[] {
  const asked = new Map<string, ModelName>();
  const uses: ModelUse[] = [];
  for (const { what } of entries) {
    if (what.type === "model-requested") asked.set(what.replyId, nameOf(what));
    if (what.type !== "model-answered") continue;
    const of = asked.get(what.replyId);
    // A request that failed before its first content was not answered by a model.
    const isUnused = what.outcome === "failed" && what.firstContentMs === null && what.usage === undefined;
    if (of !== undefined && !isUnused) uses.push({ of, usage: what.usage });
  }
  return uses;
}

function nameOf({ provider, model }: { provider: string; model: string }): ModelName {
  return { provider, model };
}

/** The assistant's own price of a model, or the operator's. */
function priceOf(
  { provider, model }: ModelName,
  assistant: AssistantBody,
  prices: Prices,
): ModelPrice | undefined {
  const isFirst = assistant.assistantProvider === provider && assistant.assistantModel === model;
  const own = isFirst ? assistant.assistantModelPrice : undefined;
  const fallback = assistant.fallbackModels.find(
    (each) => each.provider === provider && each.model === model,
  );
  return own ?? fallback?.price ?? prices[`${provider}/${model}`];
}

const pricedTokens = 1_000_000;

function priced(usage: ModelUsage | undefined, price: ModelPrice | undefined): number | undefined {
  if (usage === undefined || price === undefined) return undefined;
  return (usage.promptTokens * price.input + usage.completionTokens * price.output) / pricedTokens;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** To a millionth of a cent: what is beyond comes from binary fractions. */
function rounded(usd: number): number {
  return Math.round(usd * 1e8) / 1e8;
}
