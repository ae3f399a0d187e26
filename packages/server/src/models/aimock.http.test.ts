import { LLMock } from "@copilotkit/aimock";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { silentLog } from "../log.ts";
import type { Model } from "../model.ts";
import { eventsOf, modelContract, requestOf, textIn } from "../testing/model-contract.ts";
import { openAiModel } from "./openai.ts";
import { openDialects } from "./openai/dialect.ts";

/** Somebody else's idea of the protocol: a fake that we did not write. */
const mock = new LLMock({ port: 0, chunkSize: 5 });
let model: Model;

beforeAll(async () => {
  mock.onMessage("Hello", { content: "Good morning, how can I help?" });
  mock.onMessage("book", {
    content: "Let me look.",
    toolCalls: [
      { name: "findSlots", arguments: '{"day":"Tuesday"}' },
      { name: "findSlots", arguments: '{"day":"Friday"}' },
    ],
  });
  mock.onMessage("slots", { toolCalls: [{ name: "findSlots", arguments: '{"day":"Tuesday"}' }] });
  mock.onMessage(
    "in one piece",
    { toolCalls: [{ name: "findSlots", arguments: '{"day":"Tuesday"}' }] },
    { chunkSize: 10_000 },
  );
  mock.onMessage("think", { content: "Four.", reasoning: "Two and two." });
  mock.onMessage("refuse", { error: { message: "Too many", type: "rate_limit_error" }, status: 429 });
  mock.onMessage(
    "break off",
    { content: "A long answer that is cut off in the middle" },
    { truncateAfterChunks: 3 },
  );
  mock.onMessage("json", { content: '{"name":"Anna"}' });
  await mock.start();
  model = openAiModel({
    provider: "openai",
    baseUrl: `${mock.url}/v1`,
    apiKey: "mock",
    fetch,
    clock: systemClock,
    log: silentLog,
    dialects: openDialects(),
  });
});
afterAll(() => mock.stop());

const tools = [{ name: "findSlots", description: "", parameters: { type: "object", properties: {} } }];
const ask = (text: string, more = {}) =>
  eventsOf(model, requestOf({ messages: [{ role: "user", text }], ...more }));

modelContract("openai against aimock", () => ({
  model,
  tool: requestOf({ tools, messages: [{ role: "user", text: "slots" }] }),
}));

describe("aimock", () => {
  test("a text, with usage", async () => {
    const events = await ask("Hello");
    expect(textIn(events)).toBe("Good morning, how can I help?");
    expect(events.at(-1)).toMatchObject({
      type: "finished",
      usage: { promptTokens: expect.any(Number), completionTokens: expect.any(Number) },
    });
  });

  test.each(["slots", "in one piece"])("a tool call: %s", async (text) => {
    expect((await ask(text, { tools })).at(-1)).toMatchObject({
      toolCalls: [{ name: "findSlots", arguments: '{"day":"Tuesday"}' }],
    });
  });

  test("words and two tool calls", async () => {
    const events = await ask("book", { tools });
    expect(textIn(events)).toBe("Let me look.");
    expect(events.at(-1)).toMatchObject({
      toolCalls: [{ arguments: '{"day":"Tuesday"}' }, { arguments: '{"day":"Friday"}' }],
    });
  });

  test("thoughts are not said", async () => expect(textIn(await ask("think"))).toBe("Four."));

  test("a refusal", async () =>
    expect(await ask("refuse")).toMatchObject([
      { type: "failed", failure: { code: "rate-limited", retryable: true, status: 429 } },
    ]));

  test("a connection that breaks", async () =>
    expect((await ask("break off")).at(-1)).toMatchObject({
      type: "failed",
      failure: { code: "unreachable" },
    }));

  test("a structured answer", async () =>
    expect(textIn(await ask("json", { schema: { type: "object" } }))).toBe('{"name":"Anna"}'));
});
