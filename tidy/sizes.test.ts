import { describe, expect, it } from "vitest";
import { plant } from "./plant.ts";
import { checkSizes, functionsOf, medianOf } from "./sizes.ts";

const path = "packages/server/src/calls/run.ts";

function linesOf(count: number): string {
  return "  one();\n".repeat(count);
}

function said(text: string): string[] {
  return checkSizes(plant({ [path]: text })).filter((sentence) => !sentence.startsWith("the median"));
}

describe("rule 10: sizes", () => {
  it.each([
    ["a function", `function run() {\n${linesOf(59)}}\n`],
    ["an arrow function", `const run = () => {\n${linesOf(59)}};\n`],
    ["a method", `class Call {\n  run() {\n${linesOf(59)}  }\n}\n`],
    ["a method of an object", `const call = {\n  run() {\n${linesOf(59)}  },\n};\n`],
    ["a test", `it("runs", () => {\n${linesOf(59)}});\n`],
    ["a file", linesOf(401)],
    ["a fourth parameter", "function run(a: number, b: number, c: number, d: number) {}\n"],
    ["a fourth parameter of a type", "type Run = (a: number, b: number, c: number, d: number) => void;\n"],
    [
      "a fourth parameter of a port",
      "interface Store { save(a: number, b: number, c: number, d: number): void }\n",
    ],
  ])("finds %s", (_, text) => {
    expect(said(text)).toHaveLength(1);
  });

  it.each([
    ["a function at the wall", `function run() {\n${linesOf(58)}}\n`],
    ["a list of tests", `describe("calls", () => {\n${linesOf(58)}  it("runs", () => {});\n});\n`],
    [
      "a contract suite",
      `function suite() {\n  describe.each([1])("%s", () => {\n${linesOf(60)}    it("runs", one);\n  });\n}\n`,
    ],
    ["a file at the wall", linesOf(400)],
    ["the row of a table", "it.each(rows)(title, (a, b, c, d) => {});\n"],
    ["three parameters, and this", "function run(this: Call, a: number, b: number, c: number) {}\n"],
  ])("passes %s", (_, text) => {
    expect(said(text)).toEqual([]);
  });

  it("finds a heavy median", () => {
    const files = Object.fromEntries(
      [1, 2, 3].map((name) => [`packages/client/src/${name}.ts`, linesOf(81)]),
    );
    expect(checkSizes(plant(files))).toEqual(["the median file has 81 lines, above 80"]);
  });

  it("names a function by what holds it", () => {
    const { sources } = plant({
      [path]: "const run = () => 1;\nclass Call { end() {} }\nconst o = { say: () => 1 };\n",
    });
    expect(sources.flatMap(functionsOf).map(({ name }) => name)).toEqual(["run", "end", "say"]);
  });

  it("takes the middle one", () => {
    expect(medianOf([9, 1, 5])).toBe(5);
  });
});
