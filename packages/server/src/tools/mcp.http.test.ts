import type { ServerResponse } from "node:http";
import { type McpTools, assistantTool, isMcp, type JsonObject, type Tool } from "@offhook/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { openEgress } from "../delivery/egress.ts";
import { parseAllow } from "../delivery/guard.ts";
import { type RunningMcpServer, runMcpServer } from "../testing/mcp-server.ts";
import { toolReply, textReply } from "../testing/openai-replies.ts";
import { openAiServer } from "../testing/openai-server.ts";
import { eventually, idIn, messageIn, runApp } from "../testing/running-app.ts";
import { openMcp } from "./mcp.ts";
import type { Mcp } from "./mcp-port.ts";

let server: RunningMcpServer;
let close: () => Promise<void>;
let mcp: Mcp;

beforeEach(async () => {
  server = await runMcpServer();
  const allow = parseAllow("loopback");
  const rules = allow.kind === "rules" ? allow.rules : { networks: [], names: [] };
  const egress = openEgress({ rules, clock: systemClock });
  mcp = openMcp({ fetch: egress.fetch, clock: systemClock });
  close = () => egress.close();
});

afterEach(async () => {
  await close();
  await server.close();
});

function serverOf(more: JsonObject = {}, settings: JsonObject = {}): McpTools {
  const tool = assistantTool.parse({ type: "mcp", server: { url: server.url, ...settings }, ...more });
  if (!isMcp(tool)) throw new Error("it is an MCP server");
  return tool;
}

async function listed(more: JsonObject = {}, settings: JsonObject = {}) {
  const [first] = await mcp.list("TC-1", [serverOf(more, settings)]);
  return first ?? { tools: [], elapsedMs: 0, fault: "nothing" };
}

async function called(name: string, given: JsonObject = {}, settings: JsonObject = {}) {
  const { tools } = await listed({}, settings);
  return mcp.call("TC-1", tools.find((tool) => tool.name === name) ?? ({ name } as Tool), given);
}

describe("the tools of an MCP server", () => {
  test("are listed with their schemas; what cannot be a tool here is named", async () => {
    const { tools, fault } = await listed();
    expect(tools.find(({ name }) => name === "findSlots")).toMatchObject({
      description: "Free slots on a day",
      parameters: { type: "object", properties: { day: { type: "string" } }, required: ["day"] },
      mcp: true,
    });
    expect(fault).toBe("Left out, for their names, their schemas or their number: not.a name.");
  });

  test("are those that are allowed, and one that is not there is named", async () => {
    const { tools, fault } = await listed({ allow: ["count", "gone"] });
    expect([tools.map(({ name }) => name), fault]).toEqual([["count"], "The MCP server has no gone."]);
  });

  test.each<[string, JsonObject, unknown]>([
    ["findSlots", { day: "Monday" }, { kind: "result", result: "Monday: 09:00", understoodAs: "mcp-text" }],
    ["count", {}, { kind: "result", result: { slots: 3 }, understoodAs: "mcp-structured" }],
    ["nothing", {}, { kind: "result", result: null, understoodAs: "empty" }],
    ["picture", {}, { kind: "result", result: "(image: not text)", understoodAs: "mcp-text" }],
    ["fail", {}, { kind: "error", code: "error-field", error: "fail failed: the book is closed" }],
    ["throw", {}, { kind: "error", code: "error-field", error: "throw failed: a bug over there" }],
    ["findSlots", { day: 7 }, { kind: "error", code: "error-field", error: expect.stringContaining("day") }],
    ["big", {}, { kind: "error", code: "too-large", error: expect.stringContaining("256 KiB") }],
    ["flood", {}, { kind: "error", code: "too-large", error: expect.stringContaining("1024 KiB") }],
  ])("%s is called and understood", async (name, given, expected) => {
    expect(await called(name, given)).toEqual(expected);
  });

  test("one that does not answer is given up at its own limit", async () => {
    const outcome = await called("sleep", {}, { timeoutSeconds: 1 });
    expect(outcome).toEqual({ kind: "error", code: "timed-out", error: "sleep did not answer within 1 s." });
  });

  test("share one session in a call, which ends with it, and hold no stream", async () => {
    await called("count");
    await called("count");
    expect(server.sessions()).toBe(1);
    mcp.leave("TC-1");
    expect(server.requests.some(({ method }) => method === "GET")).toBe(false);
    await called("count");
    expect(server.sessions()).toBe(2);
  });

  test("are called in a new session when the server has forgotten the old one", async () => {
    const { tools } = await listed();
    server.forget();
    const count = tools.find(({ name }) => name === "count")!;
    expect(await mcp.call("TC-1", count, {})).toMatchObject({ result: { slots: 3 } });
  });

  test("are asked for with the secret as a bearer token, unless the headers have one", async () => {
    await listed({}, { secret: "a secret of ours", headers: { "x-clinic": "7" } });
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: "Bearer a secret of ours",
      "x-clinic": "7",
    });
    await mcp.list("TC-2", [
      serverOf({}, { secret: "a secret of ours", headers: { Authorization: "Basic x" } }),
    ]);
    expect(server.requests.at(-1)?.headers["authorization"]).toBe("Basic x");
  });
});

describe("an MCP server that does not do its part", () => {
  test.each<[string, (outgoing: ServerResponse) => void, string]>([
    [
      "refuses us",
      (out) => void out.writeHead(401).end("no: Bearer a secret of ours"),
      "The MCP server answered 401.",
    ],
    ["fails", (out) => void out.writeHead(500).end("at /etc/passwd"), "The MCP server answered 500."],
    [
      "redirects",
      (out) => void out.writeHead(307, { location: "http://10.0.0.1/" }).end(),
      "The MCP server answered with a redirect, which is not followed: give its final address.",
    ],
    ["hangs up", (out) => void out.destroy(), "The MCP server could not be reached."],
    [
      "is something else",
      (out) => void out.writeHead(200, { "content-type": "text/html" }).end("<html>"),
      "The MCP server did not answer as the protocol has it.",
    ],
    [
      "answers no JSON",
      (out) => void out.writeHead(200, { "content-type": "application/json" }).end("{"),
      "The MCP server did not answer as the protocol has it.",
    ],
  ])("%s gives no tools and a sentence", async (_, act, fault) => {
    server.behave(act);
    expect(await listed({}, { secret: "a secret of ours" })).toMatchObject({ tools: [], fault });
  });

  test("never answers is not waited for beyond the limit", async () => {
    server.behave(() => undefined);
    expect(await listed()).toMatchObject({
      tools: [],
      fault: expect.stringMatching(/did not list its tools|answered with an error/u),
    });
  }, 20_000);

  test("stands where we may not connect is not connected to", async () => {
    const guarded = openEgress({ rules: { networks: [], names: [] }, clock: systemClock });
    const [first] = await openMcp({ fetch: guarded.fetch, clock: systemClock }).list("TC-1", [serverOf()]);
    expect(first).toMatchObject({ tools: [], fault: expect.stringMatching(/may not be connected to/u) });
    expect(server.requests).toEqual([]);
    await guarded.close();
  });
});

test("a call uses an MCP server's tool like any other, and shows no secret of it", async () => {
  const model = await openAiServer({
    replies: [toolReply([{ name: "findSlots", arguments: { day: "Monday" } }]), textReply("Nine is free.")],
  });
  const running = await runApp({ env: { OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: model.url } });
  const assistant = {
    name: "Clinic",
    tools: [{ type: "mcp", server: { url: server.url, secret: "a secret of ours" }, allow: ["findSlots"] }],
    assistantServer: { url: running.serverUrl },
  };
  const { body } = await running.api("POST", "/calls/v1/conversations/connect", { assistant });
  const path = `/calls/v1/conversations/${idIn(body)}`;
  const said = await running.api("POST", `${path}/messages?wait=true`, { text: "Monday?" });
  expect(said.body).toMatchObject({ outcome: "answered", messages: [{ text: "Nine is free." }] });
  const told = model.requests[1]?.body["messages"] as JsonObject[];
  expect(told.at(-1)).toMatchObject({ role: "tool", content: "Monday: 09:00" });
  await running.api("POST", `${path}/control`, { type: "end" });
  await eventually(() =>
    running.receiver.requests.some((one) => messageIn(one)["type"] === "end-of-call-report"),
  );
  const events = JSON.stringify((await running.api("GET", `${path}/events`)).body);
  expect(events).toContain('"type":"tools-listed","from":"mcp","names":["findSlots"]');
  const messages = running.receiver.requests.map(({ body: text }) => text).join("");
  expect(messages + events).not.toMatch(/a secret of ours|\/mcp/u);
  await running.close();
  await model.close();
});
