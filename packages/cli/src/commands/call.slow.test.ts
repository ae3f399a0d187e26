import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { offhook } from "@offhook/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { echo } from "../testing/assistants.ts";
import { type Ended, endCommands, offhookCommand, type Running } from "../testing/command.ts";
import { type SilentServer, silentServer } from "../testing/silent-server.ts";

const key = "a-key-for-tests-only";
const folder = mkdtempSync(join(tmpdir(), "offhook-call-"));
const file = join(folder, "echo.json");
let server: Running;
let silent: SilentServer;
let url = "";

beforeAll(async () => {
  silent = await silentServer();
  writeFileSync(file, JSON.stringify({ ...echo, welcomeMessage: "Hi {{who}}!" }));
  ({ server, url } = await startServer(folder));
});
afterAll(async () => {
  server.press("SIGINT");
  await server.ended;
  await silent.close();
  endCommands();
  rmSync(folder, { recursive: true });
});

async function startServer(data: string, port = "0"): Promise<{ server: Running; url: string }> {
  const env = { OFFHOOK_API_KEY: key, OFFHOOK_EGRESS_ALLOW: "loopback" };
  const started = offhookCommand(["start", "--port", port, "--data", data], { env });
  const [, where = ""] = /listens on (\S+)\n/u.exec(await started.until(/listens on \S+\n/u)) ?? [];
  return { server: started, url: where };
}

function callEcho(input: string, ...args: string[]): Promise<Ended> {
  return offhookCommand(["call", "--url", url, "--key", key, ...args], { input }).ended;
}

describe("offhook call", () => {
  it("says each line when the turn before it has ended, hangs up at the end, and tells how it ended", async () => {
    const ended = await callEcho("hello\n\nslow please\nand more\n", "--file", file, "--var", "who=Ada");
    expect(ended.stdout.split("\n")).toEqual([
      "Assistant: Hi Ada!",
      "You: hello",
      "Assistant: I hear you.",
      "You: slow please",
      "Assistant: That took a while.",
      "You: and more",
      "Assistant: I hear you.",
      "Summary: Somebody said something.",
      "",
    ]);
    expect(ended.stderr).toContain("The call has ended: user-hung-up.");
    expect(ended.code).toBe(0);
  });

  it("ends when the assistant hangs up, though there is more to say", async () => {
    const { stdout, stderr, code } = await callEcho("bye\nhello?\n", "--file", file);
    expect(stdout).toContain("Assistant: Goodbye!");
    expect(stdout).not.toContain("hello?");
    expect(stderr).toContain("assistant-ended");
    expect(code).toBe(0);
  });

  it("finds an assistant by its id and by its exact name, and carries metadata", async () => {
    const client = offhook({ url, apiKey: key });
    const made = await client.assistants.create({ ...echo, name: "Echo & Söhne" });
    if (!made.ok) throw new Error(made.problem.detail);
    for (const who of [made.value._id, "Echo & Söhne"]) {
      expect(await callEcho("hello\n", who, "--metadata", '{"order": 42}')).toMatchObject({ code: 0 });
    }
    const calls = await client.calls.list({ assistantId: made.value._id });
    expect(calls).toMatchObject({
      value: { totalCount: 2, data: [{ metadata: { order: 42 } }, { metadata: { order: 42 } }] },
    });
    const second = await client.assistants.create({ ...echo, name: "Echo & Söhne" });
    if (!second.ok) throw new Error(second.problem.detail);
    const { code, stderr } = await callEcho("", "Echo & Söhne");
    expect([code, stderr.includes(made.value._id), stderr.includes(second.value._id)]).toEqual([
      1,
      true,
      true,
    ]);
  });

  it("hangs up at Ctrl-C in the middle of a reply", async () => {
    const call = offhookCommand(["call", "--url", url, "--key", key, "--file", file], { input: "slow\n" });
    await call.until("You: slow");
    call.press("SIGINT");
    expect(await call.ended).toMatchObject({ code: 0, stderr: expect.stringContaining("user-hung-up") });
  });

  it("says that the server has gone", async () => {
    const other = await startServer(join(folder, "other"));
    const call = offhookCommand(["call", "--url", other.url, "--key", key, "--file", file], {
      input: "slow\n",
    });
    await call.until("You: slow");
    other.server.press("SIGKILL");
    const { code, stderr } = await call.ended;
    expect(code).toBe(1);
    expect(stderr).toContain("connecting again");
    expect(stderr).toContain("connection-lost");
    expect(stderr).toContain("cannot be reached");
  });

  it.each<[string, string, string]>([
    ["the user is waited for", "hello\n", "I hear you."],
    ["a reply is awaited", "slow\n", "You: slow"],
    ["a tool is at work", "book\n", "One moment."],
  ])("goes on when the server is killed while %s, and is reported once", async (what, input, when) => {
    const data = join(folder, what.replaceAll(" ", "-"));
    const talkative = join(folder, "talkative.json");
    const tool = { description: "", parameters: { type: "object", properties: {} } };
    const rules = [
      { when: ["slow"], say: "That took a while.", delayMs: 2_000 },
      { when: ["book"], say: "One moment.", call: [{ name: "book" }] },
      { after: "book", say: "I could not." },
    ];
    writeFileSync(
      talkative,
      JSON.stringify({
        ...echo,
        // Nobody answers there: the tool is at work until it is given up.
        tools: [{ ...tool, name: "book", server: { url: silent.url } }],
        rehearsal: { ...echo.rehearsal, rules: [...rules, ...(echo.rehearsal?.rules ?? [])] },
      }),
    );
    const first = await startServer(data);
    const port = new URL(first.url).port;
    const call = offhookCommand(["call", "--url", first.url, "--key", key, "--file", talkative], {
      input: `${input}are you there?\nbye\n`,
    });
    await call.until(when);
    first.server.press("SIGKILL");
    await first.server.ended;
    await call.until("connecting again");
    const second = await startServer(data, port);
    const { code, stdout, stderr } = await call.ended;
    expect([code, stderr]).toEqual([0, expect.stringContaining("The call has ended: assistant-ended.")]);
    for (const line of ["You: are you there?", "Assistant: I hear you.", "You: bye", "Assistant: Goodbye!"])
      expect(stdout.split("\n").filter((one) => one === line).length, stdout).toBeGreaterThan(0);
    const client = offhook({ url: second.url, apiKey: key });
    const calls = await client.calls.list({});
    const [only] = calls.ok ? calls.value.data : [];
    const events = await client.calls.events(only?.id ?? "", { limit: 500 });
    const written = events.ok ? events.value.data : [];
    const types = written.map(({ data: { type } }) => type);
    const bookings = written.filter((one) => one.data.type === "tool-requested" && one.data.name === "book");
    expect(types.filter((type) => type === "taken-up" || type === "reported")).toEqual([
      "taken-up",
      "reported",
    ]);
    expect(bookings).toHaveLength(what.includes("tool") ? 1 : 0);
    second.server.press("SIGINT");
    await second.server.ended;
  });

  it.each<[string, string[], number, RegExp]>([
    ["an assistant that is not there", ["Nobody"], 1, /no assistant with the id or name “Nobody”/u],
    ["a key that is not known", ["Nobody", "--key", "another-key-for-tests"], 1, /key is not known/u],
    [
      "a server that is not there",
      ["Nobody", "--url", "http://127.0.0.1:1"],
      1,
      /cannot be reached[^]*offhook start/u,
    ],
    ["an address that is none", ["Nobody", "--url", "localhost"], 2, /--url is “localhost”/u],
  ])("says what is wrong with %s", async (_name, args, code, sentence) => {
    const ended = await callEcho("", ...args);
    expect(ended.stderr).toMatch(sentence);
    expect(ended.code).toBe(code);
    expect(ended.stderr).not.toContain("    at ");
  });
});
