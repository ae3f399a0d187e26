import { describe, expect, test } from "vitest";
import { readArguments, withStatic } from "./arguments.ts";

describe("the arguments that a model wrote", () => {
  test.each<[text: string, value: object]>([
    ['{"day":"monday"}', { day: "monday" }],
    ["{}", {}],
    ["", {}],
    [" \n", {}],
    ["null", {}],
    ['""', {}],
    ['"{\\"day\\":\\"monday\\"}"', { day: "monday" }],
    [' {"a":{"b":[1]}} ', { a: { b: [1] } }],
  ])("%j are read", (text, value) => {
    expect(readArguments("findSlots", text)).toEqual({ kind: "read", value });
  });

  test.each([
    ["[1]", "they are a list, not a JSON object"],
    ["7", "they are a number"],
    ["true", "they are a boolean"],
    ['"monday"', "they are not JSON"],
    ['{"day":', "they are not JSON"],
    ["{'day': 'monday'}", "they are not JSON"],
    ['"\\"{}\\""', "they are a string"],
    ['"[1]"', "they are a list"],
    [`${"[".repeat(65)}${"]".repeat(65)}`, "nested more than 64 deep"],
  ])("%j are broken", (text, words) => {
    const read = readArguments("findSlots", text);
    expect(read).toEqual({ kind: "broken", fault: expect.stringContaining(words) });
    expect(read.kind === "broken" && read.fault).toMatch(
      /^The arguments of findSlots could not be read: .+\. Call it again with a JSON object\.$/u,
    );
  });
});

test("static parameters win over the model's", () => {
  const given = { day: "monday", clinic: "evil" };
  expect(withStatic({ staticParameters: { clinic: "c-1" } }, given)).toEqual({
    day: "monday",
    clinic: "c-1",
  });
  expect(withStatic({}, given)).toBe(given);
});
