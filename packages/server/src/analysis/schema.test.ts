import type { JsonObject } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { openSchema } from "./schema.ts";
import { tellFault } from "./schema-fault.ts";

const person: JsonObject = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 1 },
    age: { type: "integer", minimum: 0 },
    born: { type: "string", format: "date" },
    phone: { type: "string", format: "phone" },
    mood: { enum: ["good", "bad"] },
    tags: { type: "array", items: { type: "string" }, minItems: 1 },
    address: {
      type: "object",
      properties: { city: { type: "string" }, "a/b~c": { type: "string" } },
      required: ["city"],
    },
  },
  required: ["name", "age"],
  additionalProperties: false,
};

type Row = readonly [given: JsonObject, data: JsonObject, faults: readonly string[]];

const table: readonly Row[] = [
  [{ name: "Ada", age: 36 }, { name: "Ada", age: 36 }, []],
  [{ name: "Ada" }, { name: "Ada" }, ["age is missing"]],
  [{}, {}, ["name is missing", "age is missing"]],
  [{ name: "Ada", age: "36" }, { name: "Ada" }, ["age must be integer"]],
  [{ name: "Ada", age: null }, { name: "Ada" }, ["age must be integer"]],
  [{ name: "", age: -1 }, {}, ["name must NOT have fewer than 1 characters", "age must be >= 0"]],
  [{ name: "Ada", age: 36, mood: "so so" }, { name: "Ada", age: 36 }, ['mood must be one of ["good","bad"]']],
  [{ name: "Ada", age: 36, colour: "red" }, { name: "Ada", age: 36 }, ["colour is not in the schema"]],
  [{ name: "Ada", age: 36, born: "1815-12-10" }, { name: "Ada", age: 36, born: "1815-12-10" }, []],
  [{ name: "Ada", age: 36, born: "1815-02-30" }, { name: "Ada", age: 36 }, ['born must match format "date"']],
  [{ name: "Ada", age: 36, phone: "whatever" }, { name: "Ada", age: 36, phone: "whatever" }, []],
  [
    { name: "Ada", age: 36, tags: ["a", 1, "b"] },
    { name: "Ada", age: 36, tags: ["a", "b"] },
    ["tags.1 must be string"],
  ],
  [{ name: "Ada", age: 36, tags: [1] }, { name: "Ada", age: 36 }, ["tags.0 must be string"]],
  [{ name: "Ada", age: 36, address: {} }, { name: "Ada", age: 36 }, ["address.city is missing"]],
  [
    { name: "Ada", age: 36, address: { city: "London", "a/b~c": 1 } },
    { name: "Ada", age: 36, address: { city: "London" } },
    ["address.a/b~c must be string"],
  ],
];

function checkerOf(schema: JsonObject) {
  const checker = openSchema(schema);
  if (checker.kind === "unusable") throw new Error(checker.error);
  return checker;
}

describe("an object held against a schema", () => {
  it.each(table)("%j", (given, data, faults) => {
    const checked = checkerOf(person).check(given);
    expect(checked.data).toEqual(data);
    expect(checked.faults.map(tellFault)).toEqual(faults);
  });

  it("keeps items that are null or lists themselves", () => {
    const schema = { properties: { rows: { items: { type: ["array", "null", "string"] } } } };
    const checked = checkerOf(schema).check({ rows: [null, ["a"], 1, "b"] });
    expect(checked.data).toEqual({ rows: [null, ["a"], "b"] });
  });

  it("keeps what fits when the whole does not fit any of several forms", () => {
    const schema = { anyOf: [{ required: ["mail"] }, { required: ["phone"] }] };
    const checked = checkerOf(schema).check({ name: "Ada" });
    expect(checked.data).toEqual({ name: "Ada" });
    expect(checked.faults.map(tellFault)).toEqual([
      "mail is missing",
      "phone is missing",
      "the answer must match a schema in anyOf",
    ]);
  });

  it("does not touch what it was given", () => {
    const given = { name: "Ada", age: "36", tags: [1] };
    checkerOf(person).check(given);
    expect(given).toEqual({ name: "Ada", age: "36", tags: [1] });
  });

  it.each([
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
    "http://json-schema.org/draft-06/schema#",
  ])("understands the draft %s", ($schema) => {
    const { check } = checkerOf({ ...person, $schema });
    expect([check({ name: "Ada", age: 1 }).faults, check({ name: "Ada" }).faults.length]).toEqual([[], 1]);
  });

  it.each<[string, JsonObject, JsonObject, string]>([
    ["2019-09", { dependentRequired: { day: ["time"] } }, { day: "Tuesday" }, "time"],
    [
      "2020-12",
      { properties: { slot: { prefixItems: [{ type: "string" }, { type: "integer" }] } } },
      { slot: ["a", "b"] },
      "slot.1",
    ],
  ])("knows what only the draft %s knows", (draft, schema, given, path) => {
    const { check } = checkerOf({ ...schema, $schema: `https://json-schema.org/draft/${draft}/schema` });
    expect(check(given).faults.map((fault) => fault.path)).toEqual([path]);
  });

  it("follows references inside the schema, and circles of them", () => {
    const { check } = checkerOf({
      $ref: "#/$defs/node",
      $defs: { node: { properties: { next: { $ref: "#/$defs/node" }, n: { type: "integer" } } } },
    });
    expect(check({ n: 1, next: { n: "x", next: { n: 3 } } }).data).toEqual({
      n: 1,
      next: { next: { n: 3 } },
    });
  });
});

describe("a schema that cannot be used", () => {
  it.each<[string, JsonObject, RegExp]>([
    ["of no known type", { type: "strin" }, /data\/type must be equal to one of the allowed values/u],
    ["with a broken pattern", { properties: { a: { pattern: "(" } } }, /Invalid regular expression/u],
    [
      "that refers to another place",
      { $ref: "https://elsewhere.example/schema" },
      /can't resolve reference https:\/\/elsewhere\.example/u,
    ],
    [
      "of draft-04",
      { properties: { a: { minimum: 1, exclusiveMinimum: true } } },
      /exclusiveMinimum must be number/u,
    ],
    ["asynchronous inside", { properties: { a: { $async: true, type: "string" } } }, /async/u],
    ["too deep", nested(5_000), /Maximum call stack size exceeded|longer than/u],
  ])("%s is a sentence", (_, schema, words) => {
    expect(openSchema(schema)).toEqual({ kind: "unusable", error: expect.stringMatching(words) });
  });

  it("asynchronous as a whole is taken as a plain one", () => {
    expect(
      checkerOf({ $async: true, required: ["a"] })
        .check({})
        .faults.map(tellFault),
    ).toEqual(["a is missing"]);
  });

  it("with a pattern that backtracks for ever is stopped", () => {
    const { check } = checkerOf({ properties: { a: { pattern: "^(a+)+$" } } });
    const { data, faults } = check({ a: `${"a".repeat(50)}b` });
    expect(data).toEqual({});
    expect(faults.map(tellFault)).toEqual([
      "the answer could not be checked: it takes longer than 500 ms (is there a pattern that backtracks?)",
    ]);
    expect(check({ a: "aa" })).toEqual({ data: { a: "aa" }, faults: [] });
  });
});

function nested(depth: number): JsonObject {
  let schema: JsonObject = { type: "string" };
  for (let level = 0; level < depth; level += 1) schema = { properties: { a: schema } };
  return schema;
}
