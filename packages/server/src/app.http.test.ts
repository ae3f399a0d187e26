import { LLMock } from "@copilotkit/aimock";
import type { JsonObject } from "@offhook/protocol";
import { serverBody } from "@offhook/protocol";
import { describe, expect, test } from "vitest";
import type { Behaviour, Received } from "./testing/receiver.ts";
import { textReply, toolReply, silence } from "./testing/openai-replies.ts";
import { openAiServer } from "./testing/openai-server.ts";
import { appSecret, eventually, idIn, messageIn, refereed, runApp } from "./testing/running-app.ts";

type Running = Awaited<ReturnType<typeof runApp>>;

const findSlots = {
  name: "findSlots",
  description: "Free slots on a day",
  parameters: { type: "object", properties: { day: { type: "string" } }, required: ["day"] },
};

/** An application that answers every tool call with a text, and accepts every event. */
const application = (request: Received): Behaviour =>
  messageIn(request)["type"] === "function-call"
    ? { act: "answer", body: JSON.stringify({ result: "09:00 and 10:30" }) }
    : { act: "answer", status: 204 };

function clinic(running: Running, more: JsonObject = {}): JsonObject {
  return {
    name: "Clinic",
    welcomeMessage: "Good morning, how can I help?",
    tools: [findSlots],
    assistantServer: { url: running.serverUrl, secret: appSecret },
    ...more,
  };
}

async function place(running: Running, assistant: JsonObject): Promise<string> {
  const { status, body } = await running.api("POST", "/calls/v1/conversations/connect", { assistant });
  expect(status, JSON.stringify(body)).toBe(201);
  return idIn(body);
}

const ended = (running: Running): boolean =>
  running.receiver.requests.some((request) => messageIn(request)["type"] === "end-of-call-report");

/** Talks once and ends the call: the same with every model. */
async function talkAndEnd(running: Running, assistant: JsonObject): Promise<JsonObject[]> {
  const id = await place(running, assistant);
  const said = await running.api("POST", `/calls/v1/conversations/${id}/messages?wait=true`, {
    text: "Monday?",
  });
  expect(said.body["outcome"], JSON.stringify(said.body)).toBe("answered");
  await running.api("POST", `/calls/v1/conversations/${id}/control`, { type: "end" });
  await eventually(() => ended(running));
  return refereed(running.receiver.requests);
}

/** Asks do not wait for tells: only the tells have an order. */
function expectWholeStory(messages: readonly JsonObject[]): void {
  const told = messages.filter(({ type }) => type !== "function-call");
  expect(told.map(({ type }) => type)).toEqual([
    "status-update",
    "status-update",
    "conversation-update",
    "conversation-update",
    "conversation-update",
    "status-update",
    "end-of-call-report",
  ]);
  expect(messages.length - told.length).toBe(1);
  expect(told.map(({ sequence }) => sequence)).toEqual(told.map((_, index) => index + 1));
  for (const message of messages) expect(serverBody.safeParse({ message }).error?.issues ?? []).toEqual([]);
}

describe("a call with a model behind real HTTP", () => {
  test.each([{ chunking: "one" }, { chunking: "many" }] as const)(
    "runs from the first word to the report, with a tool call in $chunking chunks",
    async ({ chunking }) => {
      const model = await openAiServer({
        replies: [
          toolReply([{ name: "findSlots", arguments: { day: "Monday" } }], { chunking }),
          textReply("Nine o'clock is free.", { pieces: 6 }),
        ],
      });
      const running = await runApp({
        env: { OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: model.url },
        script: application,
      });
      const messages = await talkAndEnd(running, clinic(running));
      expectWholeStory(messages);
      expect(messages.find(({ type }) => type === "function-call")?.["functionCall"]).toMatchObject({
        name: "findSlots",
        parameters: { day: "Monday" },
      });
      const told = model.requests[1]?.body["messages"] as JsonObject[];
      expect(told.at(-1)).toMatchObject({ role: "tool", content: "09:00 and 10:30" });
      await running.close();
      await model.close();
    },
  );

  test("runs the same against a published mock of OpenAI", async () => {
    const mock = new LLMock({ port: 0 });
    mock.onToolResult("call_slots", { content: "Nine o'clock is free." });
    mock.onMessage("Monday?", {
      toolCalls: [{ id: "call_slots", name: "findSlots", arguments: '{"day":"Monday"}' }],
    });
    await mock.start();
    const running = await runApp({
      env: { OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: `${mock.url}/v1` },
      script: application,
    });
    const messages = await talkAndEnd(running, clinic(running));
    expectWholeStory(messages);
    await running.close();
    await mock.stop();
  });

  test("a model that is silent for 7 s makes one hang at 5 s, and a tool that takes 7 s another, in real time", async () => {
    const model = await openAiServer({
      replies: [
        silence(7_000),
        toolReply([{ name: "findSlots", arguments: { day: "Monday" } }]),
        textReply("Nine."),
      ],
    });
    const running = await runApp({
      env: { OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: model.url },
      script: (request) => {
        const behaviour = application(request);
        const isAsk = messageIn(request)["type"] === "function-call";
        return behaviour.act === "answer" && isAsk ? { ...behaviour, delayMs: 7_000 } : behaviour;
      },
    });
    const id = await place(running, clinic(running));
    const say = (text: string) =>
      running.api("POST", `/calls/v1/conversations/${id}/messages?wait=true`, { text });
    const first = await say("Hello?");
    expect(first.body["messages"]).toMatchObject([{ text: "Here I am." }]);
    await say("Monday?");
    const hangs = refereed(running.receiver.requests)
      .filter(({ type }) => type === "hang")
      .map(({ hang }) => hang as JsonObject);
    expect(hangs).toMatchObject([{ phase: "model" }, { phase: "tool", toolName: "findSlots" }]);
    for (const { elapsedMs } of hangs) expect(Math.abs(Number(elapsedMs) - 5_000)).toBeLessThanOrEqual(100);
    await running.close();
  }, 40_000);
});

describe("the formats", () => {
  test.each(["2025-04", "2026-03"] as const)("%s is as the contract has it", async (format) => {
    const running = await runApp({ script: application });
    const assistant = clinic(running, {
      assistantProvider: "rehearsal",
      rehearsal: {
        rules: [
          { when: ["monday"], call: [{ name: "findSlots", arguments: { day: "Monday" } }] },
          { after: "findSlots", say: "Nine." },
        ],
      },
      assistantServer: { url: running.serverUrl, secret: appSecret, format },
    });
    const messages = await talkAndEnd(running, assistant);
    expectWholeStory(messages);
    for (const message of messages) {
      const call = message["call"] as JsonObject;
      const isOld = format === "2025-04";
      expect("status" in message).toBe(isOld && message["type"] === "status-update");
      expect("messages" in call).toBe(isOld && message["type"] === "conversation-update");
      expect("messages" in message).toBe(isOld || message["type"] !== "status-update");
      const history = (message["messages"] ?? []) as JsonObject[];
      for (const { timestamp } of history) expect(typeof timestamp).toBe(isOld ? "string" : "number");
    }
    expect(JSON.stringify(messages)).not.toContain(appSecret);
    await running.close();
  });
});
