import { describe, expect, it } from "vitest";
import { checkNames } from "./names.ts";
import { plant } from "./plant.ts";

const text = "export const one = 1;\n";

describe("rule 1: names", () => {
  it.each([
    "packages/server/src/utils",
    "packages/server/src/calls/helpers.ts",
    "packages/server/src/calls/helper.test.ts",
    "packages/server/src/calls/date-utils.ts",
    "packages/console/src/common",
    "packages/client/src/types.ts",
    "packages/client/src/misc.ts",
    "packages/server/src/services",
    "packages/server/src/call-helpers.ts",
    "packages/server/src/manager.ts",
  ])("finds %s", (path) => {
    expect(checkNames(plant({ [path]: text }))).toHaveLength(1);
  });

  it.each([
    "packages/server/src/calls/place.ts",
    "packages/protocol/src/json.ts",
    "docs/STYLE.md",
    "tidy/names.ts",
  ])("passes %s", (path) => {
    expect(checkNames(plant({ [path]: text }))).toEqual([]);
  });
});
