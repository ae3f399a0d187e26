import { describe, expect, test } from "vitest";
import type { ModelMessage } from "../../model.ts";
import { eventsOf, requestOf, textIn } from "../../testing/model-contract.ts";
import { againstFake } from "../../testing/openai-model.ts";
import { failure, textReply } from "../../testing/openai-replies.ts";

const findSlots = { name: "findSlots", description: "Free times", parameters: { type: "object" } };

describe("what is sent", () => {
  const messages: ModelMessage[] = [
    { role: "system", text: "Be kind." },
    { role: "user", text: "Tuesday?" },
    {
      role: "assistant",
      text: "",
      toolCalls: [
        { id: "c1", name: "findSlots", arguments: '{"day":"Tuesday"}' },
        { id: "c2", name: "findSlots", arguments: '{"day":' },
      ],
    },
    { role: "tool", toolCallId: "c1", name: "findSlots", text: "[]" },
    { role: "tool", toolCallId: "c2", name: "findSlots", text: '{"error":"broken"}' },
    { role: "assistant", text: "Nothing free.", toolCalls: [] },
    { role: "assistant", text: "", toolCalls: [] },
  ];

  test("the conversation, the tools and the settings", async () => {
    const { model, server } = await againstFake([textReply("Hi")]);
    await eventsOf(
      model,
      requestOf({
        messages,
        tools: [findSlots, { ...findSlots, name: "strictly", strict: true }],
        temperature: 0.5,
        maxTokens: 256,
      }),
    );
    const [request] = server.requests;
    expect(request?.path).toBe("/v1/chat/completions");
    expect(request?.body).toEqual({
      model: "fake",
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0.5,
      max_tokens: 256,
      tools: [
        { type: "function", function: findSlots },
        { type: "function", function: { ...findSlots, name: "strictly", strict: true } },
      ],
      messages: [
        { role: "system", content: "Be kind." },
        { role: "user", content: "Tuesday?" },
        {
          role: "assistant",
          content: null,
          tool_calls: [
            { id: "c1", type: "function", function: { name: "findSlots", arguments: '{"day":"Tuesday"}' } },
            { id: "c2", type: "function", function: { name: "findSlots", arguments: "{}" } },
          ],
        },
        { role: "tool", tool_call_id: "c1", content: "[]" },
        { role: "tool", tool_call_id: "c2", content: '{"error":"broken"}' },
        { role: "assistant", content: "Nothing free." },
      ],
    });
  });

  test("only the headers that are needed, and the key", async () => {
    const { model, server } = await againstFake([textReply("Hi")]);
    await eventsOf(model, requestOf());
    const names = Object.keys(server.requests[0]?.headers ?? {}).filter(
      (name) =>
        !/^(?:host|connection|content-length|accept-language|accept-encoding|sec-fetch-mode)$/u.test(name),
    );
    expect(names.toSorted()).toEqual(["accept", "authorization", "content-type", "user-agent"]);
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: "Bearer sk-secret-key",
      "user-agent": "Offhook",
    });
  });

  test("no authorization where there is no key", async () => {
    const { model, server } = await againstFake([textReply("Hi")], { apiKey: undefined });
    await eventsOf(model, requestOf());
    expect(server.requests[0]?.headers).not.toHaveProperty("authorization");
  });

  test.each(["/", "/chat/completions", "/chat/completions/", "?api-version=1"])(
    "a base URL that ends in %j",
    async (end) => {
      const { server } = await againstFake([textReply("Hi")]);
      const { model } = await againstFake([], { baseUrl: `${server.url}${end}` });
      await eventsOf(model, requestOf());
      expect(server.requests[0]?.path).toBe(`/v1/chat/completions${end.startsWith("?") ? end : ""}`);
    },
  );

  test("a user where there is none", async () => {
    const { model, server } = await againstFake([textReply("Hi")]);
    await eventsOf(model, requestOf({ messages: [{ role: "system", text: "Greet." }] }));
    expect(server.requests[0]?.body["messages"]).toMatchObject([{ role: "system" }, { role: "user" }]);
  });

  test("a schema as response_format", async () => {
    const { model, server } = await againstFake([textReply("{}")]);
    await eventsOf(model, requestOf({ purpose: "structuredData", schema: { type: "object" } }));
    expect(server.requests[0]?.body["response_format"]).toEqual({
      type: "json_schema",
      json_schema: { name: "structuredData", schema: { type: "object" }, strict: false },
    });
  });
});

describe("what a server does not take is asked for once, in other words from then on", () => {
  const schema = { type: "object" };
  test.each([
    [
      "stream_options",
      "Unrecognized request argument supplied: stream_options",
      {},
      (body: object) => "stream_options" in body,
    ],
    [
      "json_schema",
      "response_format.type: 'json_schema' is not supported",
      { schema },
      (body: object) => JSON.stringify(body).includes("json_schema"),
    ],
    [
      "response_format",
      "Unknown parameter: 'response_format'",
      { schema },
      (body: object) => "response_format" in body,
    ],
    [
      "max_tokens",
      "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
      {},
      (body: object) => "max_tokens" in body,
    ],
    [
      "temperature",
      "Unsupported value: 'temperature' does not support 0 with this model.",
      {},
      (body: object) => "temperature" in body,
    ],
  ])("%s", async (_name, message, given, refuses) => {
    for (const status of [400, 422]) {
      const { model, server } = await againstFake(({ body }) =>
        refuses(body) ? failure(status, message) : textReply("Hello there"),
      );
      expect(textIn(await eventsOf(model, requestOf(given)))).toBe("Hello there");
      const first = server.requests.length;
      expect(first).toBeGreaterThan(1);
      await eventsOf(model, requestOf(given));
      expect(server.requests).toHaveLength(first + 1);
    }
  });

  test("the schema goes into the system prompt", async () => {
    const { model, server } = await againstFake(({ body }) =>
      "response_format" in body ? failure(400, "response_format is not supported") : textReply("{}"),
    );
    await eventsOf(
      model,
      requestOf({
        schema,
        messages: [
          { role: "system", text: "Extract." },
          { role: "user", text: "…" },
        ],
      }),
    );
    expect(
      server.requests.map(({ body }) => (body["response_format"] as { type?: string } | undefined)?.type),
    ).toEqual(["json_schema", "json_object", undefined]);
    expect(JSON.stringify(server.requests[2]?.body["messages"])).toContain(
      'Extract.\\n\\nAnswer with one JSON object and nothing else. Its JSON Schema: {\\"type\\":\\"object\\"}',
    );
  });

  test("all of it together", async () => {
    const refusals = ["stream_options", "response_format", "temperature"];
    const { model } = await againstFake(({ body }) => {
      const named = refusals.find((name) => name in body);
      return named === undefined ? textReply("{}") : failure(400, `${named} is not supported`);
    });
    expect(textIn(await eventsOf(model, requestOf({ schema })))).toBe("{}");
  });

  test("another refusal stands, after one request", async () => {
    const { model, server } = await againstFake([
      failure(400, "This model's maximum context length is 8192 tokens."),
    ]);
    expect((await eventsOf(model, requestOf())).at(-1)).toMatchObject({
      type: "failed",
      failure: { code: "bad-request", retryable: false, status: 400 },
    });
    expect(server.requests).toHaveLength(1);
  });

  test("a server that goes on refusing is asked twice", async () => {
    const { model, server } = await againstFake([failure(400, "stream_options is not supported")]);
    expect((await eventsOf(model, requestOf())).at(-1)).toMatchObject({
      type: "failed",
      failure: { code: "bad-request" },
    });
    expect(server.requests).toHaveLength(2);
  });
});
