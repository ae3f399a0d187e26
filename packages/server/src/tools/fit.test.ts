import type { JsonObject } from "@offhook/protocol";
import { describe, expect, test } from "vitest";
import { argumentsFor } from "./arguments.ts";
import { misfitOf } from "./fit.ts";

const slots: JsonObject = {
  type: "object",
  properties: {
    day: { type: "string", enum: ["monday", "friday"] },
    persons: { type: "integer", minimum: 1 },
    notes: { type: "array", items: { type: "string" } },
  },
  required: ["day"],
  additionalProperties: false,
};

describe("arguments held against a schema", () => {
  test.each<[given: JsonObject, says: string | undefined]>([
    [{ day: "monday" }, undefined],
    [{ day: "friday", persons: 2, notes: ["a"] }, undefined],
    [{}, "day is missing"],
    [{ day: "sunday" }, 'day must be one of ["monday","friday"]'],
    [{ day: "monday", persons: "2" }, "persons must be integer"],
    [{ day: "monday", persons: 0 }, "persons must be >= 1"],
    [{ day: "monday", notes: [1] }, "notes.0 must be string"],
    [{ day: "monday", colour: "red" }, "colour is not known"],
    [{ persons: 0.5 }, "day is missing; persons must be integer; persons must be >= 1"],
  ])("%j: %s", (given, says) => {
    expect(misfitOf(slots, given)).toBe(says);
  });

  test("name a few faults, and say how many more there are", () => {
    const given = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`field${at}`, at]));
    expect(misfitOf(slots, given)).toMatch(/; and 5 more$/u);
  });
});

describe("a schema that is no judge", () => {
  test.each<[what: string, schema: JsonObject]>([
    ["is empty", {}],
    ["has a type that there is not", { type: "thing" }],
    ["refers to what cannot be found", { $ref: "https://elsewhere.example/schema" }],
    ["has a pattern that is none", { properties: { a: { type: "string", pattern: "(" } } }],
    ["names a draft that is not here", { $schema: "https://json-schema.org/draft/2099-12/schema" }],
    ["has a format that is not looked at", { properties: { a: { type: "string", format: "iban" } } }],
  ])("since it %s, lets everything pass", (_, schema) => {
    expect(misfitOf(schema, { a: "x" })).toBeUndefined();
  });

  test("since its pattern backtracks, lets everything pass, soon", () => {
    const schema: JsonObject = { properties: { a: { type: "string", pattern: "^(a+)+$" } } };
    expect(misfitOf(schema, { a: `${"a".repeat(40)}!` })).toBeUndefined();
    expect(misfitOf(schema, { a: "b" })).toBe('a must match pattern "^(a+)+$"');
  });

  test("of the draft of 2020 is read as one", () => {
    const schema: JsonObject = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      properties: { at: { type: "array", prefixItems: [{ type: "string" }] } },
    };
    expect(misfitOf(schema, { at: [1] })).toBe("at.0 must be string");
  });
});

test("arguments are held against what the model was shown: without the static parameters", () => {
  const tool = {
    name: "book",
    description: "",
    async: false,
    messages: [],
    parameters: { ...slots, required: ["day", "persons"] },
    staticParameters: { persons: 2 },
  };
  expect(argumentsFor(tool, '{"day":"monday"}')).toEqual({ kind: "read", value: { day: "monday" } });
  expect(argumentsFor(tool, "{}")).toEqual({
    kind: "broken",
    fault: "The arguments of book do not fit: day is missing. Call it again with arguments that do.",
  });
});
