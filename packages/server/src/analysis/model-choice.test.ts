import { describe, expect, it } from "vitest";
import { chooseModel } from "./model-choice.ts";
import { analysing } from "./testing/journal.ts";

const script = { rules: [{ say: "Hello." }] };
const assistants = {
  openai: analysing(undefined, { assistantProvider: "openai", assistantModel: "desk-1" }),
  own: analysing(undefined, { assistantProvider: "custom-llm", assistantLLMUrl: "https://llm.example/v1" }),
  rehearsal: analysing(undefined, { assistantProvider: "rehearsal", rehearsal: script }),
};

type Row = readonly [
  name: keyof typeof assistants,
  plan: { provider?: string; model?: string },
  expected: unknown,
];

const table: readonly Row[] = [
  ["openai", {}, { provider: "openai", model: "desk-1" }],
  ["openai", { model: "judge-2" }, { provider: "openai", model: "judge-2" }],
  ["openai", { provider: "openai" }, { provider: "openai", model: "desk-1" }],
  ["openai", { provider: "gemini", model: "judge-2" }, { provider: "gemini", model: "judge-2" }],
  ["openai", { provider: "", model: " " }, { provider: "openai", model: "desk-1" }],
  ["openai", { provider: "rehearsal" }, { provider: "rehearsal", model: "rehearsal" }],
  ["openai", { provider: "gemini" }, /gemini.*no model/u],
  ["openai", { provider: "oracle", model: "delphi" }, /provider oracle.*known are openai, azure/u],
  ["own", {}, { provider: "custom-llm", model: "desk-1", baseUrl: "https://llm.example/v1" }],
  ["own", { provider: "openai", model: "judge-2" }, { provider: "openai", model: "judge-2" }],
  [
    "rehearsal",
    {},
    {
      provider: "rehearsal",
      model: "desk-1",
      script: { hear: [], rules: [{ known: [], unknown: [], say: "Hello." }] },
    },
  ],
];

describe("the model of an analysis", () => {
  it.each(table)("of an assistant with %s, asked for %j", (name, plan, expected) => {
    const chosen = chooseModel(assistants[name], { enabled: true, timeoutInSecs: 30, ...plan });
    if (expected instanceof RegExp)
      expect(chosen).toEqual({ kind: "not-chosen", error: expect.stringMatching(expected) });
    else expect(chosen).toEqual({ kind: "chosen", choice: expected });
  });
});
