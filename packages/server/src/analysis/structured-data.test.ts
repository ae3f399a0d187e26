import { describe, expect, it } from "vitest";
import { said, type ScriptedReplies, stuck } from "../testing/scripted-model.ts";
import { limits } from "./limits.ts";
import { analysed, only } from "./testing/analysed.ts";

const whole = '{"name": "Ada", "day": "Tuesday"}';
const plans = only("structuredData");

function answers(...texts: readonly string[]): ScriptedReplies {
  return texts.map((text) => said(text));
}

describe("structured data", () => {
  it.each([
    ["a whole object", [whole]],
    ["an object in a fence", [`Sure!\n\`\`\`json\n${whole}\n\`\`\``]],
    ["no object at first", ["I cannot.", whole]],
    ["a fault at first", ['{"name": "Ada"}', whole]],
  ])("is there after %s", async (_, texts) => {
    const { finished, model } = analysed({ plans, replies: answers(...texts) });
    const { value } = await finished();
    expect(value).toMatchObject({
      structuredData: { name: "Ada", day: "Tuesday" },
      status: { structuredData: "ok" },
    });
    expect(Object.keys(value.errors)).not.toContain("structuredData");
    expect(model.requests).toHaveLength(texts.length);
  });

  it("keeps the fields that fit, names the others, and says that it was asked again", async () => {
    const { finished, model } = analysed({
      plans,
      replies: answers('{"name": "Ada", "day": 2}', '{"name": "Ada", "day": 3}'),
    });
    const { value } = await finished();
    expect(value).toMatchObject({ structuredData: { name: "Ada" }, status: { structuredData: "failed" } });
    expect(value.errors.structuredData).toBe(
      "The data does not fit the schema: day must be string. Asked to put it right, the model did no better.",
    );
    expect(model.requests).toHaveLength(2);
  });

  it("tells the model what to put right, with the schema", async () => {
    const { finished, model } = analysed({ plans, replies: answers('{"name": "Ada",\n "day": 2}', whole) });
    await finished();
    const [first, second] = model.requests.map(({ messages }) => messages.map(({ text }) => text));
    expect(second?.[0]).toBe(first?.[0]);
    const lines = second?.[1]
      ?.split("\n")
      .slice(0, 4)
      .map((line) => line.replace(/,"_evidence".*$/u, " …"));
    expect(lines).toEqual([
      'An earlier answer was: {"name": "Ada",  "day": 2}',
      "Its fault: day must be string",
      "Answer again without these faults. A value that the conversation does not tell is still not to be made up.",
      'The JSON Schema: {"type":"object","properties":{"name":{"type":"string"},"day":{"type":"string"} …',
    ]);
    expect(second?.[1]?.endsWith(first?.[1] ?? "?")).toBe(true);
  });

  it.each([
    ["the better of two answers", ['{"name": 1, "day": 2}', '{"name": "Ada", "day": 2}'], { name: "Ada" }],
    [
      "the first if the second is worse",
      ['{"name": "Ada", "day": 2}', '{"name": 1, "day": 2}'],
      { name: "Ada" },
    ],
    ["the first if the second is no object", ['{"name": "Ada", "day": 2}', "Sorry."], { name: "Ada" }],
    [
      "the fuller of two alike",
      ['{"name": "Ada"}', '{"name": "Ada", "mood": "good"}'],
      { name: "Ada", mood: "good" },
    ],
    ["nothing if nothing fits", ["[]", "null"], undefined],
  ])("is %s", async (_, texts, data) => {
    const { value } = await analysed({ plans, replies: answers(...texts) }).finished();
    expect([value.structuredData, value.status.structuredData]).toEqual([data, "failed"]);
  });

  it("keeps what fits when there is no time to put the rest right", async () => {
    const replies = [said('{"name": "Ada"}', { firstMs: 20_000 }), stuck()];
    const { value, tookMs } = await analysed({ plans, replies }).finished();
    expect([value.structuredData, tookMs]).toEqual([{ name: "Ada" }, 30_000]);
    expect(value.errors.structuredData).toBe(
      "The data does not fit the schema: day is missing. It was being put right when the time was over.",
    );
  });

  it("fails without asking when the schema cannot be used", async () => {
    const { finished, model } = analysed({ plans: only("structuredData", { schema: { type: "thing" } }) });
    const { value } = await finished();
    expect(value.errors.structuredData).toMatch(
      /^The JSON Schema cannot be used: schema is invalid: data\/type must be/u,
    );
    expect(model.requests).toEqual([]);
  });

  it("is any object when there is no schema", async () => {
    const { finished, model } = analysed({
      plans: { structuredData: { enabled: true } },
      replies: answers('{"mood": "good"}'),
    });
    expect((await finished()).value.structuredData).toEqual({ mood: "good" });
    expect(model.requests[0]).not.toHaveProperty("schema");
  });

  it("names the first faults, and says how many more there are", async () => {
    const required = Array.from({ length: 20 }, (_, index) => `f${index}`);
    const { finished } = analysed({
      plans: only("structuredData", { schema: { required } }),
      replies: answers("{}", "{}"),
    });
    expect((await finished()).value.errors.structuredData).toMatch(
      /: f0 is missing; .* f11 is missing; and 8 more\. Asked/u,
    );
  });

  it("has an error of bounded length, however much is wrong", async () => {
    const required = Array.from({ length: 500 }, (_, index) => `field-${index}-${"x".repeat(200)}`);
    const { finished } = analysed({
      plans: only("structuredData", { schema: { required } }),
      replies: answers("{}", "{}"),
    });
    const { structuredData = "" } = (await finished()).value.errors;
    expect(structuredData.length).toBeLessThanOrEqual(limits.errorMax);
    expect(structuredData).toMatch(/^The data does not fit the schema: field-0-x+ is missing; .*…$/u);
  });
});
