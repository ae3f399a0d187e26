import {
  assistantBody,
  type Entry,
  type Happening,
  type ModelUsage,
  readEntries,
  sampleJournal,
} from "@offhook/protocol";
import { describe, expect, test } from "vitest";
import { costOf } from "./cost.ts";

const reading = readEntries(undefined, sampleJournal())!;
const assistant = assistantBody.parse({
  name: "Desk",
  assistantModel: "desk-1",
  assistantModelPrice: { input: 2, output: 8 },
  fallbackModels: [
    { provider: "deepseek", model: "spare", price: { input: 1, output: 1 } },
    { provider: "gemini", model: "unpriced" },
  ],
});
const prices = { "openai/judge": { input: 10, output: 10 }, "openai/desk-1": { input: 999, output: 999 } };

let count = 0;

type Answer = {
  of?: [provider: string, model: string];
  usage?: ModelUsage;
  outcome?: "kept" | "discarded" | "failed";
  firstContentMs?: number | null;
};

function answered({
  of = ["openai", "desk-1"],
  outcome = "kept",
  firstContentMs = 100,
  usage,
}: Answer): Happening[] {
  const replyId = `reply_${(count += 1)}`;
  const [provider, model] = of;
  return [
    { type: "model-requested", replyId, turnId: "turn_1", provider, model },
    {
      type: "model-answered",
      replyId,
      turnId: "turn_1",
      outcome,
      firstContentMs,
      totalMs: 200,
      ...(usage && { usage }),
    },
  ];
}

function entriesOf(happenings: readonly Happening[]): Entry[] {
  return happenings.map((what, at) => ({ seq: at + 1, at, sequence: null, what }));
}

const used = (promptTokens: number, completionTokens: number): ModelUsage => ({
  promptTokens,
  completionTokens,
});

function cost(answers: readonly Answer[], analyses: Parameters<typeof costOf>[0]["analyses"] = []) {
  const { callDuration, currency, ...rest } = costOf({
    reading,
    entries: entriesOf(answers.flatMap(answered)),
    analyses,
    assistant,
    prices,
  });
  expect([callDuration, currency]).toEqual([29, "USD"]);
  return Object.values(rest);
}

describe("prompt tokens, completion tokens, uncounted requests and cost", () => {
  test.each<[string, Answer[], unknown[]]>([
    ["of nothing are nothing", [], [0, 0, 0, 0]],
    [
      "are sums, at the assistant's own price",
      [{ usage: used(1_000_000, 500_000) }, { usage: used(10, 0) }],
      [1_000_010, 500_000, 0, 6.00002],
    ],
    [
      "are priced by the model that answered",
      [{ of: ["deepseek", "spare"], usage: used(1_000, 1_000) }],
      [1_000, 1_000, 0, 0.002],
    ],
    [
      "have no cost where one price is unknown",
      [{ usage: used(10, 10) }, { of: ["gemini", "unpriced"], usage: used(5, 5) }],
      [15, 15, 0, null],
    ],
    ["are unknown when no server told them", [{}, {}], [null, null, 2, null]],
    [
      "are those that were told, and the rest is said to be missing",
      [{ usage: used(10, 5) }, { outcome: "discarded" }],
      [10, 5, 1, null],
    ],
    [
      "do not count what failed before its first word",
      [{ outcome: "failed", firstContentMs: null }, { usage: used(100, 0) }],
      [100, 0, 0, 0.0002],
    ],
    ["count what failed in the middle as untold", [{ outcome: "failed" }], [null, null, 1, null]],
    ["of a rehearsal are nothing", [{ of: ["rehearsal", "rehearsal"] }], [0, 0, 0, 0]],
  ])("%s", (_, answers, expected) => {
    expect(cost(answers)).toEqual(expected);
  });

  test("have the analyses in them, at the operator's price", () => {
    const analyses = [{ of: { provider: "openai", model: "judge" }, usage: used(100_000, 0) }];
    expect(cost([{ usage: used(0, 1_000_000) }], analyses)).toEqual([100_000, 1_000_000, 0, 9]);
  });

  test("are of the model that was asked last for a reply", () => {
    const [first, second] = answered({ of: ["openai", "desk-1"], usage: used(1_000_000, 0) });
    const again = { ...first, provider: "deepseek", model: "spare" } as Happening;
    const entries = entriesOf([first!, again, second!]);
    expect(costOf({ reading, entries, analyses: [], assistant, prices }).llmCost).toBe(1);
  });
});
