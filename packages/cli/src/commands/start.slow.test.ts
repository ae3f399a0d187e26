import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import { endCommands, offhookCommand } from "../testing/command.ts";

let data = "";
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "offhook-start-"));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));
afterAll(endCommands);

const startArgs = (port: string): string[] => ["start", "--port", port, "--data", data];

it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("runs until %s and ends with 0", async (signal) => {
  const server = offhookCommand(startArgs("0"), { env: { OFFHOOK_EGRESS_ALLOW: "loopback, 10.0.0.0/8" } });
  const said = await server.until("OFFHOOK_EGRESS_ALLOW");
  const [, url] = /listens on (\S+)/u.exec(said) ?? [];
  const [, key] = /API key, shown this once: (ohk_\S+)/u.exec(said) ?? [];
  const answer = await fetch(`${url}/calls/v1/conversations`, {
    headers: { authorization: `Bearer ${key}` },
  });
  expect(answer.status).toBe(200);
  expect(said).toContain("loopback, 10.0.0.0/8");
  server.press(signal);
  expect(await server.ended).toMatchObject({ code: 0 });
});

it("shows a key once only, and none that it was given", async () => {
  const keys: boolean[] = [];
  for (const env of [{ OFFHOOK_API_KEY: "a-key-for-tests-only" }, {}, {}]) {
    const server = offhookCommand(startArgs("0"), { env });
    await server.until("listens on");
    server.press("SIGINT");
    keys.push((await server.ended).stdout.includes("API key"));
  }
  expect(keys).toEqual([false, true, false]);
});

it("says in a sentence that the port is in use", async () => {
  const server = offhookCommand(startArgs("0"));
  const [, port = ""] = /listens on \S+:(\d+)/u.exec(await server.until(/:\d+\n/u)) ?? [];
  const second = await offhookCommand(["start", "--port", port, "--data", join(data, "second")]).ended;
  expect(second).toMatchObject({ code: 1, stdout: "" });
  expect(second.stderr).toMatch(/^[^\n]*\bport\b[^\n]*\n$/u);
  server.press("SIGINT");
  await server.ended;
});

it.each([
  ["a port that is none", ["--port", "many"], {}, /OFFHOOK_PORT is “many”/u],
  [
    "several settings at once",
    ["--port", "many"],
    { OFFHOOK_LOG_LEVEL: "loud" },
    /OFFHOOK_PORT[^]*OFFHOOK_LOG_LEVEL/u,
  ],
])("says what is wrong with %s", async (_name, args, env, sentence) => {
  const { code, stderr } = await offhookCommand(["start", "--data", data, ...args], { env }).ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(sentence);
  expect(stderr).not.toContain("    at ");
});

it("says in a sentence that the store cannot be used", async () => {
  writeFileSync(
    join(data, "offhook.sqlite"),
    "this is no database, but it is long enough to be read as one".repeat(20),
  );
  const { code, stderr } = await offhookCommand(startArgs("0")).ended;
  expect(code).toBe(1);
  expect(stderr).not.toContain("    at ");
  expect(existsSync(join(data, "offhook.sqlite"))).toBe(true);
});
