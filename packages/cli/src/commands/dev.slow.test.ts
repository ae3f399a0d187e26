import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { offhook } from "@offhook/client";
import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import { type TestApplication, testApplication } from "../testing/application.ts";
import { endCommands, offhookCommand, type Running } from "../testing/command.ts";
import { good, testKey } from "../testing/server.ts";

const secret = "a secret for the trials";
let folder = "";
let application: TestApplication;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "offhook-dev-"));
  application = await testApplication(secret);
});
afterEach(async () => {
  endCommands();
  await application.close();
  rmSync(folder, { recursive: true, force: true });
});
afterAll(endCommands);

const assistant = `name: Reception
welcomeMessage: Hello!
assistantProvider: rehearsal
tools: [{ name: findSlots, parameters: { type: object, properties: {} } }]
rehearsal:
  rules:
    - when: [monday]
      call: [{ name: findSlots, arguments: {} }]
    - after: findSlots
      say: "{{result}}"
  otherwise: Which day?
`;

function dev(...args: string[]): Running {
  return offhookCommand(["dev", "--port", "0", "--data", join(folder, "data"), ...args], {
    env: { OFFHOOK_API_KEY: testKey, PATH: "/usr/bin:/bin" },
  });
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

it("brings events and tool calls of its assistants to the application, and the report at Ctrl-C", async () => {
  const path = file("assistant.yaml", assistant);
  const command = dev("--forward-to", application.url, "--secret", secret, "-f", path);
  const said = await command.until("Listening to");
  const [, url = ""] = /listens on (\S+);/u.exec(said) ?? [];
  expect(said).toMatch(/created \S+ {2}Reception/u);
  const client = offhook({ url, apiKey: testKey });
  const [own] = (await good(client.assistants.list())).data;
  const call = await good(client.calls.connect({ assistantId: own?._id ?? "" }));
  const { messages } = await good(client.calls.say(call.id, "monday", { wait: true }));
  expect(messages.at(-1)?.text).toBe("nine o'clock");
  await command.until(/findSlots.+→.+200.+ms/u);
  command.press("SIGINT");
  expect(await command.ended).toMatchObject({ code: 0 });
  expect(application.got.at(-1)).toMatchObject({ type: "end-of-call-report", isSigned: true });
});

it("starts the application again when it ends, with what it needs, and ends it", async () => {
  const main = file(
    "app.js",
    `const { appendFileSync } = require("node:fs");
     console.log("begun", process.env.SERVER_URL_SECRET.slice(0, 6), process.env.OFFHOOK_URL);
     process.on("SIGTERM", () => { appendFileSync(${JSON.stringify(join(folder, "ended"))}, "x"); process.exit(0); });
     setTimeout(() => process.exit(3), require("node:fs").existsSync(${JSON.stringify(join(folder, "again"))}) ? 60_000 : 100);
     appendFileSync(${JSON.stringify(join(folder, "again"))}, "x");`,
  );
  const command = dev("--forward-to", application.url, "--", process.execPath, main);
  await command.until(/app │ begun whsec_ http:[^]+ended \(exit code 3\); again in[^]+app │ begun/u);
  command.press("SIGINT");
  expect(await command.ended).toMatchObject({ code: 0 });
  expect(readFileSync(join(folder, "ended"), "utf8")).toBe("x");
});

it.each<[string, string[], number, RegExp]>([
  ["a command that is none", ["--", "no-such-command-here"], 1, /cannot be started: .*ENOENT/u],
  ["a file that is none", ["-f", "nothing.yaml"], 1, /nothing\.yaml cannot be read/u],
  ["an address that is none", ["--forward-to", "here"], 2, /full address/u],
  ["a port that is none", ["--port", "many"], 1, /OFFHOOK_PORT/u],
])("says what is wrong with %s, and ends", async (_name, args, code, sentence) => {
  const ended = await dev(...args).ended;
  expect(ended.stderr).toMatch(sentence);
  expect(ended.code).toBe(code);
});
