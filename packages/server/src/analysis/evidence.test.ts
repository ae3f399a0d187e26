import { describe, expect, it } from "vitest";
import { said } from "../testing/scripted-model.ts";
import { gapsIn, takeEvidence, withEvidence } from "./evidence.ts";
import { analysed, only } from "./testing/analysed.ts";

const ids = new Set(["m1", "m2", "t1"]);

describe("what the data rests on", () => {
  it.each([
    ["ids of the transcript", { day: ["m2", "t1"] }, { day: ["m2", "t1"] }],
    [
      "an id alone, or in brackets, or twice",
      { day: "m2", name: ["[m1]", "m1"] },
      { day: ["m2"], name: ["m1"] },
    ],
    ["ids that are not there", { day: ["m9", 4, null], name: [] }, {}],
    ["no object", ["m1"], {}],
    ["nothing", undefined, {}],
  ])("is taken from %s", (_, given, expected) => {
    expect(takeEvidence({ day: "Tuesday", _evidence: given as never }, ids)).toMatchObject({
      data: { day: "Tuesday" },
      evidence: expected,
    });
  });

  it("is asked for beside the fields, so that references in the schema still lead where they did", () => {
    const schema = { $defs: { day: { type: "string" } }, properties: { day: { $ref: "#/$defs/day" } } };
    expect(withEvidence(schema)).toMatchObject({ $defs: schema.$defs, properties: schema.properties });
    expect(withEvidence({ type: "object" })).toEqual({ type: "object" });
  });

  it("goes into the analysis, for the fields that have a value", async () => {
    const answer = {
      name: "Ada",
      day: "Tuesday",
      _evidence: { name: ["m2"], day: ["m2", "m7"], mood: ["m2"] },
    };
    const { finished } = analysed({ plans: only("structuredData"), replies: [said(JSON.stringify(answer))] });
    expect((await finished()).value).toMatchObject({
      structuredData: { name: "Ada", day: "Tuesday" },
      evidence: { name: ["m2"], day: ["m2"] },
      status: { structuredData: "ok" },
    });
  });
});

describe("a field without a value", () => {
  const schema = { properties: { name: {}, day: {}, phone: {} } };

  it.each([
    ["has the model's reason", { gaps: { phone: "never asked" } }, [], { phone: "never asked" }],
    [
      "is null, and has the model's reason",
      { phone: null, gaps: { phone: "unknown" } },
      [],
      { phone: "unknown" },
    ],
    [
      "has one of ours when the model gave none",
      { gaps: {} },
      [],
      { phone: "The model gave no value and no reason." },
    ],
    [
      "says what did not fit, whatever the model says",
      { gaps: { phone: "given" } },
      [{ path: "phone", says: "must be string" }],
      { phone: "The model's value must be string." },
    ],
    [
      "names a fault deeper inside",
      { phone: "1", gaps: {} },
      [{ path: "address.zip", says: "must be string" }],
      { "address.zip": "The model's value must be string." },
    ],
  ])("%s", (_, { gaps, ...more }, faults, expected) => {
    expect(gapsIn({ data: { name: "Ada", day: "Tuesday", ...more }, gaps }, schema, faults)).toEqual(
      expected,
    );
  });

  it("is explained in the analysis", async () => {
    const optional = { type: "object", properties: { name: { type: "string" }, age: { type: "integer" } } };
    const answers = [
      { name: "Ada", age: "old", _gaps: { age: "she did not say" } },
      { name: "Ada", _gaps: { age: "she did not say" } },
    ];
    const { finished } = analysed({
      plans: only("structuredData", { schema: optional }),
      replies: answers.map((answer) => said(JSON.stringify(answer))),
    });
    expect((await finished()).value).toMatchObject({
      structuredData: { name: "Ada" },
      gaps: { age: "she did not say" },
      status: { structuredData: "ok" },
    });
  });
});
