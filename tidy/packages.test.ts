import { describe, expect, it } from "vitest";
import { checkPackages } from "./packages.ts";
import { plant } from "./plant.ts";

const workspaces = {
  "packages/protocol/package.json": '{ "name": "@offhook/protocol", "exports": "./src/protocol.ts" }',
  "packages/server/package.json":
    '{ "name": "@offhook/server", "exports": { ".": "./src/server.ts", "./testing": { "default": "./src/testing.ts" } } }',
  "packages/client/package.json": '{ "name": "@offhook/client", "exports": { ".": "./src/client.ts" } }',
  "packages/cli/package.json": '{ "name": "offhook", "bin": { "offhook": "src/main.ts" } }',
  "packages/console/package.json": '{ "name": "@offhook/console" }',
  "examples/clinic/package.json": '{ "name": "@offhook/example-clinic" }',
};

function said(path: string, line: string): string[] {
  return checkPackages(plant({ ...workspaces, [path]: `${line}\n` }));
}

describe("rule 2: packages", () => {
  it("names the doors that are open", () => {
    expect(said("packages/console/src/page.tsx", 'import { serve } from "@offhook/server";')).toEqual([
      "packages/console/src/page.tsx:1: packages/console may not open @offhook/server; " +
        "it may open @offhook/client, @offhook/protocol (tidy/doors.ts)",
    ]);
  });

  it.each([
    ["a package below", "packages/protocol/src/x.ts", 'import { x } from "@offhook/client";'],
    ["a package beside", "packages/client/src/x.ts", 'import type { x } from "@offhook/server";'],
    [
      "a path out of the package",
      "examples/clinic/x.ts",
      'import { x } from "../../packages/protocol/src/protocol.ts";',
    ],
    ["such a path in a test", "packages/cli/src/x.test.ts", 'import { x } from "../../server/src/app.ts";'],
    ["what is not published", "packages/cli/src/x.ts", 'import { x } from "@offhook/server/src/app.ts";'],
    [
      "Node in a browser's package",
      "packages/protocol/src/x.ts",
      'import { createHmac } from "node:crypto";',
    ],
  ])("finds %s", (_, path, line) => {
    expect(said(path, line)).toHaveLength(1);
  });

  it.each([
    ["the protocol", "packages/console/src/x.tsx", 'import { x } from "@offhook/protocol";'],
    ["the server, started by the cli", "packages/cli/src/x.ts", 'import { start } from "@offhook/server";'],
    [
      "another published entry, in a test",
      "packages/client/src/x.test.ts",
      'import { x } from "@offhook/server/testing";',
    ],
    ["Node in a test", "packages/protocol/src/x.test.ts", 'import { readFileSync } from "node:fs";'],
    ["other people's packages", "packages/server/src/http/x.ts", 'import { Hono } from "hono";'],
    ["its own files", "packages/server/src/http/x.ts", 'import { x } from "../calls/place.ts";'],
  ])("passes %s", (_, path, line) => {
    expect(said(path, line)).toEqual([]);
  });
});
