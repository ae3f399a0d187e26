import type { Json, JsonObject } from "@offhook/protocol";
import { filledObject, type Loose, objectOf, textOf } from "./loose.ts";
import type { ReadAnalysis } from "./received.ts";

const verdicts: ReadonlyMap<string, boolean> = new Map([
  ["success", true],
  ["pass", true],
  ["true", true],
  ["failure", false],
  ["fail", false],
  ["false", false],
]);

/** Reads the analysis from `message.analysis`, `call.analysis` or both, field by field (contract 1.3 and 9). */
export function readAnalysis(message: JsonObject): ReadAnalysis {
  const own = objectOf(message.analysis);
  const inCall = objectOf(objectOf(message.call).analysis);
  const pick = (name: string): Loose => (isFilled(own[name]) ? own[name] : inCall[name]);
  const successEvaluation = wordOf(pick("successEvaluation"));
  return {
    summary: textOf(pick("summary")),
    successEvaluation,
    succeeded: verdicts.get(successEvaluation?.toLowerCase() ?? "") ?? null,
    structuredData: objectOf(pick("structuredData")),
    outcome: textOf(pick("outcome")),
    guardrails: textOf(pick("guardrails")),
    errors: objectOf(pick("errors")),
  };
}

function isFilled(value: Json | undefined): boolean {
  if (typeof value === "object") return filledObject(value) !== null || Array.isArray(value);
  return value !== undefined && value !== "";
}

function wordOf(value: Loose): string | null {
  return typeof value === "number" || typeof value === "boolean" ? String(value) : textOf(value);
}
