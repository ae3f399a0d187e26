import { describe, expect, it } from "vitest";
import { readJsonObject } from "./json-answer.ts";

const table: readonly (readonly [answer: string, object: unknown])[] = [
  ['{"a": 1}', { a: 1 }],
  ['  \n{"a": 1}\n', { a: 1 }],
  ['```json\n{"a": 1}\n```', { a: 1 }],
  ['```\n{"a": 1}```', { a: 1 }],
  ['Here it is:\n```json\n{"a": 1}\n```\nAnything else?', { a: 1 }],
  ['The data: {"a": {"b": "}"}} as asked.', { a: { b: "}" } }],
  ['In the {form} you asked for: {"a": "\\"}"}', { a: '"}' }],
  ['{"a": 1} {"b": 2}', { a: 1 }],
  ["{}", {}],
  ["[1, 2]", undefined],
  ['"text"', undefined],
  ["null", undefined],
  ["", undefined],
  ["no data at all", undefined],
  ['{"a": 1', undefined],
  ["{'a': 1}", undefined],
  ["{".repeat(100_000), undefined],
  ["{}".repeat(2).concat("{"), {}],
];

describe("the JSON object in an answer", () => {
  it.each(table)("%j", (answer, object) => {
    expect(readJsonObject(answer)).toEqual(object);
  });

  it("keeps a name that would reach the prototype as a plain name", () => {
    const object = readJsonObject('{"__proto__": {"admin": true}}');
    expect(Object.hasOwn(object ?? {}, "__proto__")).toBe(true);
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  });
});
