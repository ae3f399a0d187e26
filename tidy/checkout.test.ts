import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openHouse, readWorkspace } from "./checkout.ts";

describe("the checkout", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "offhook-tidy-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("is not read as clean when there is nothing in it", () => {
    expect(() => openHouse(root)).toThrow("no sources under packages");
  });

  it("is read with its folders, without what is installed or built", () => {
    for (const folder of ["src", "node_modules", "dist"]) {
      mkdirSync(join(root, "packages/client", folder), { recursive: true });
      writeFileSync(join(root, "packages/client", folder, "a.ts"), "export const a = 1;\n\n");
    }
    const house = openHouse(root);
    expect(house.paths).toEqual(["packages/client", "packages/client/src", "packages/client/src/a.ts"]);
    expect(house.sources.map(({ path, lines }) => [path, lines])).toEqual([["packages/client/src/a.ts", 2]]);
  });

  it("knows the entries of a package", () => {
    const text =
      '{ "name": "a", "exports": { ".": "./src/a.ts", "./b": { "default": "./src/b.ts" } }, "bin": "src/m.ts" }';
    expect(readWorkspace("packages/a/package.json", text)).toEqual({
      name: "a",
      folder: "packages/a",
      entries: new Map([
        [".", "packages/a/src/m.ts"],
        ["./b", "packages/a/src/b.ts"],
      ]),
    });
  });
});
