import { describe, expect, it } from "vitest";
import { checkBarrels, checkDefaultExports } from "./exports.ts";
import { plant } from "./plant.ts";

describe("rule 2: default exports", () => {
  it.each([
    "export default 1;",
    "export default function place() {}",
    "export default class Call {}",
    "const a = 1;\nexport { a as default };",
    'export { default } from "./a.ts";',
  ])("finds %s", (text) => {
    expect(checkDefaultExports(plant({ "packages/client/src/a.ts": text }))).toHaveLength(1);
  });

  it("passes named ones, and the default of a config file", () => {
    const house = plant({
      "packages/client/src/a.ts": "export const a = 1;",
      "tidy/vitest.config.ts": "export default {};",
    });
    expect(checkDefaultExports(house)).toEqual([]);
  });
});

describe("rule 2: barrels", () => {
  const manifest = {
    "packages/client/package.json": '{ "name": "@offhook/client", "exports": { ".": "./src/client.ts" } }',
  };

  it.each([
    'export * from "./a.ts";',
    'export { a } from "./a.ts";\nexport type { B } from "./b.ts";',
    'import { a } from "./a.ts";\nexport { a };',
  ])("finds %s", (text) => {
    expect(checkBarrels(plant({ ...manifest, "packages/client/src/calls/index.ts": text }))).toHaveLength(1);
  });

  it("passes the package's entry, and a file that has something of its own", () => {
    const house = plant({
      ...manifest,
      "packages/client/src/client.ts": 'export * from "./a.ts";',
      "packages/client/src/a.ts": 'export { b } from "./b.ts";\nexport const a = 1;',
      "packages/client/src/c.ts": "const c = 1;\nexport { c };",
    });
    expect(checkBarrels(house)).toEqual([]);
  });
});
