import { describe, expect, it } from "vitest";
import { checkOwned } from "./owned.ts";
import { plant } from "./plant.ts";

function said(text: string, path = "packages/server/src/calls/run.ts"): string[] {
  return checkOwned(plant({ [path]: text }));
}

describe("rule 15: what has one owner", () => {
  it.each([
    "const a = Date.now();",
    "const a = new Date();",
    "const a = Date();",
    "const now = Date.now;",
    "const a = performance.now();",
    "const a = globalThis.performance.now();",
    "const a = Math.random();",
    "const a = crypto.randomUUID();",
    'import { randomUUID } from "node:crypto";',
    "setTimeout(end, 5);",
    "globalThis.setTimeout(end, 5);",
    "const after = setInterval;",
    "const clock = { setTimeout };",
    'import { setTimeout as sleep } from "node:timers/promises";',
    "fetch(url, { signal: AbortSignal.timeout(5) });",
    "const a = process.env.PORT;",
    'const a = process["env"];',
    'import { env } from "node:process";',
    'console.log("hello");',
    'process.stdout.write("hello");',
  ])("finds %s", (text) => {
    expect(said(text)).toHaveLength(1);
  });

  it.each([
    "const a = clock.now();",
    "const a = new Date(at).toISOString();",
    "socket.setTimeout(5);",
    "const limits = { setTimeout: 5 };",
    "let timer: ReturnType<typeof setTimeout>;",
    "clearTimeout(timer);",
    "process.on(signal, end);",
    'import { createHmac } from "node:crypto";',
  ])("passes %s", (text) => {
    expect(said(text)).toEqual([]);
  });

  it.each([
    ["the clock", "packages/server/src/clock.ts", "const a = Date.now();\nsetTimeout(end, 5);"],
    ["chance", "packages/server/src/random.ts", "const a = Math.random();"],
    ["the config", "packages/server/src/config.ts", "const a = process.env;"],
    ["the terminal", "packages/cli/src/terminal.ts", 'console.log("hello");'],
    ["a bench", "bench/turns.ts", "console.log(performance.now());"],
    ["a test in real time", "packages/server/src/http/calls.http.test.ts", "setTimeout(end, 5);"],
  ])("passes its owner: %s", (_, path, text) => {
    expect(said(text, path)).toEqual([]);
  });

  it("finds what another file owns: its one owner is no owner of the rest", () => {
    expect(said("setTimeout(end, 5);", "packages/server/src/config.ts")).toHaveLength(1);
  });

  it("finds it in a plain test, which needs nothing", () => {
    expect(said("const a = Date.now();", "packages/server/src/calls/run.test.ts")).toHaveLength(1);
  });

  it("says what to do instead", () => {
    expect(said("const a = 1;\nsetTimeout(end, a);")).toEqual([
      "packages/server/src/calls/run.ts:2 uses setTimeout; wait with the clock: clock.after, sleep or within of clock.ts",
    ]);
  });
});
