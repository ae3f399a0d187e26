import { describe, expect, it } from "vitest";
import { checkFakes, checkSuffixes } from "./fakes.ts";
import { plant } from "./plant.ts";

describe("rule 12: fakes", () => {
  const path = "packages/server/src/calls/run.test.ts";

  it.each(["mock", "doMock", "spyOn", "fn", "useFakeTimers", "stubGlobal"])("finds vi.%s", (what) => {
    expect(checkFakes(plant({ [path]: `vi.${what}("./a.ts");` }))).toHaveLength(1);
  });

  it.each(["sinon", "nock", "msw/node", "vitest-mock-extended"])("finds %s", (library) => {
    expect(checkFakes(plant({ [path]: `import { one } from "${library}";` }))).toHaveLength(1);
  });

  it("finds a test runner in production code", () => {
    const house = plant({ "packages/server/src/calls/run.ts": 'import { expect } from "vitest";' });
    expect(checkFakes(house)).toHaveLength(1);
  });

  it.each([
    ["packages/server/src/calls/run.ts", "../testing/clock.ts"],
    ["packages/server/src/app.ts", "./testing/clock.ts"],
    ["packages/server/src/calls/run.ts", "./testing/line.ts"],
    ["packages/server/src/calls/run.ts", "./run.test.ts"],
    ["packages/cli/src/demo.ts", "@offhook/server/testing"],
  ])("finds %s that opens %s", (from, specifier) => {
    expect(checkFakes(plant({ [from]: `import { one } from "${specifier}";` }))).toHaveLength(1);
  });

  it("lets tests, fakes and benches open fakes", () => {
    const house = plant({
      [path]: 'import { one } from "../testing/clock.ts";',
      "packages/server/src/testing/model.ts": 'import { one } from "./clock.ts";',
      "bench/turns.ts": 'import { one } from "@offhook/server/testing";',
    });
    expect(checkFakes(house)).toEqual([]);
  });

  it("passes tests, contract suites and waiting", () => {
    const house = plant({
      [path]: 'import { vi } from "vitest";\nawait vi.waitFor(check);',
      "packages/server/src/testing/store-contract.ts": 'import { it } from "vitest";',
      "packages/server/src/calls/run.ts": 'import { video } from "./mock.ts";\nvideo.mock();',
    });
    expect(checkFakes(house)).toEqual([]);
  });
});

describe("rule 12: suffixes", () => {
  it.each(["run.spec.ts", "run.unit.test.ts", "run.postgres.test.ts", "page.spec.tsx", "run.pg.spec.ts"])(
    "finds %s",
    (name) => {
      expect(checkSuffixes(plant({ [`packages/server/src/calls/${name}`]: "" }))).toHaveLength(1);
    },
  );

  it.each([
    "run.test.ts",
    "run.pg.test.ts",
    "run.crash.test.ts",
    "page.browser.test.tsx",
    "run.http.test.ts",
    "test.ts",
  ])("passes %s", (name) => {
    expect(checkSuffixes(plant({ [`packages/server/src/calls/${name}`]: "" }))).toEqual([]);
  });
});
