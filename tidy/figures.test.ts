import { describe, expect, it } from "vitest";
import { figuresOf, tableOf } from "./figures.ts";
import { plant } from "./plant.ts";

describe("the figures", () => {
  it("are those of production code beside those of tests", () => {
    const house = plant({
      "packages/client/src/a.ts": "export function a(b: number) {\n  return b as Call;\n}\n",
      "packages/client/src/a.test.ts": 'it("runs", () => 1);\n',
    });
    expect(tableOf(figuresOf(house)).split("\n")).toEqual([
      "                          production                      tests",
      "files                     1                               1",
      "lines                     3                               1",
      "median file               3                               1",
      "files up to 150 lines     100 %                           100 %",
      "longest file              3 packages/client/src/a.ts      1 packages/client/src/a.test.ts",
      "median function           3                               1",
      "functions up to 30 lines  100 %                           100 %",
      "longest function          3 a packages/client/src/a.ts:1  1 a callback packages/client/src/a.test.ts:1",
      "most parameters           1 a packages/client/src/a.ts:1",
      "`as`, brands aside        1",
    ]);
  });
});
