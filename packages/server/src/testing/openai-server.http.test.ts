import { OpenAI } from "openai";
import { afterEach, expect, test } from "vitest";
import { failure, silence, textReply, toolReply } from "./openai-replies.ts";
import { settled } from "./virtual-clock.ts";
import { type OpenAiServer, openAiServer } from "./openai-server.ts";

/** The referee of the fake is the client of the real thing. */
let server: OpenAiServer;
afterEach(() => server.close());

async function connect(replies: Parameters<typeof openAiServer>[0]["replies"]): Promise<OpenAI> {
  server = await openAiServer({ replies });
  return new OpenAI({
    baseURL: server.url,
    apiKey: "k",
    maxRetries: 0,
    organization: null,
    project: null,
    logLevel: "off",
  });
}

const request = {
  model: "m",
  messages: [{ role: "user", content: "Hi" }],
} satisfies OpenAI.ChatCompletionCreateParams;

test("a text in so many pieces, by OpenAI's own reading", async () => {
  const client = await connect([textReply("Hello there", { pieces: 4 })]);
  const pieces: string[] = [];
  const stream = client.chat.completions.stream({ ...request, stream_options: { include_usage: true } });
  stream.on("content", (delta) => pieces.push(delta));
  const whole = await stream.finalChatCompletion();
  expect(whole.choices[0]?.message.content).toBe("Hello there");
  expect(whole.usage?.completion_tokens).toBe(7);
  expect(pieces.filter((piece) => piece !== "")).toHaveLength(4);
});

test.each(["one", "many"] as const)(
  "tool calls in %s chunk(s), by OpenAI's own reading",
  async (chunking) => {
    const client = await connect([
      toolReply(
        [
          { name: "a", arguments: { x: 1 } },
          { name: "b", arguments: {}, id: "mine" },
        ],
        { chunking },
      ),
    ]);
    const whole = await client.chat.completions.stream(request).finalChatCompletion();
    expect(whole.choices[0]?.message.tool_calls).toMatchObject([
      { function: { name: "a", arguments: '{"x":1}' } },
      { id: "mine", function: { name: "b", arguments: "{}" } },
    ]);
  },
);

test("replies in order, the last one again, and requests as they came", async () => {
  const client = await connect([failure(503), textReply("Hi")]);
  await expect(client.chat.completions.create({ ...request, stream: true })).rejects.toMatchObject({
    status: 503,
  });
  for (let times = 0; times < 2; times += 1)
    await client.chat.completions.stream(request).finalChatCompletion();
  expect(server.requests).toHaveLength(3);
  expect(server.requests[0]).toMatchObject({
    path: "/v1/chat/completions",
    headers: { authorization: "Bearer k" },
    body: { model: "m", stream: true },
  });
});

test("silence is counted as abandoned when the client leaves, and does not hold the end", async () => {
  const client = await connect([silence(600_000)]);
  const calling = new AbortController();
  const stream = await client.chat.completions.create(
    { ...request, stream: true },
    { signal: calling.signal },
  );
  calling.abort();
  for await (const chunk of stream) throw new Error(`not expected: ${JSON.stringify(chunk)}`);
  for (let rounds = 0; server.abandoned() === 0 && rounds < 2_000; rounds += 1) await settled(5);
  expect(server.abandoned()).toBe(1);
});
