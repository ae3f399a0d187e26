import type { JsonObject } from "@offhook/protocol";
import { expect, test } from "vitest";
import { failure, silence, textReply } from "../testing/openai-replies.ts";
import { openAiServer } from "../testing/openai-server.ts";
import { eventually, idIn, messageIn, runApp } from "../testing/running-app.ts";
import { fieldOf, itemsOf } from "./loose-json.ts";

/** Says hello, hears the answer and ends the call: what was answered, told and written. */
async function talkOnce(running: Awaited<ReturnType<typeof runApp>>, assistant: JsonObject) {
  const { body } = await running.api("POST", "/calls/v1/conversations/connect", { assistant });
  const path = `/calls/v1/conversations/${idIn(body)}`;
  const said = await running.api("POST", `${path}/messages?wait=true`, { text: "Hello?" });
  await running.api("POST", `${path}/control`, { type: "end" });
  const messages = () => running.receiver.requests.map(messageIn);
  await eventually(() => messages().some(({ type }) => type === "end-of-call-report"));
  const events = await running.api("GET", `${path}/events`);
  return { said: said.body, messages: messages(), events: events.body };
}

test("a call goes on with the assistant's next models, and says which answered, what failed and what it cost", async () => {
  const broken = await openAiServer({
    replies: [failure(500, "secret of the server at https://10.0.0.1/x")],
  });
  const slow = await openAiServer({ replies: [silence(60_000)] });
  const good = await openAiServer({ replies: [textReply("Good morning.")] });
  const running = await runApp({
    env: {
      OPENAI_API_KEY: "sk-test",
      OPENAI_BASE_URL: broken.url,
      OFFHOOK_MODEL_PRICES: '{"custom-llm/good": {"input": 1000000, "output": 0}}',
    },
  });
  const assistant = {
    name: "Desk",
    assistantModel: "broken",
    fallbackModels: [
      { provider: "custom-llm", model: "slow", url: slow.url },
      { provider: "custom-llm", model: "good", url: good.url },
    ],
    fallbackAfterMs: 400,
    assistantServer: { url: running.serverUrl },
  };
  const { said, messages, events } = await talkOnce(running, assistant);
  expect(said).toMatchObject({ outcome: "answered", messages: [{ text: "Good morning." }] });

  const errors = messages.flatMap(({ error }) => (error === undefined ? [] : [error as JsonObject]));
  expect(errors).toMatchObject([
    {
      type: "llm_error",
      code: "bad-answer",
      provider: "openai",
      retryable: true,
      details: { model: "broken", status: 500 },
    },
    {
      type: "llm_error",
      code: "timeout",
      provider: "custom-llm",
      retryable: true,
      details: { model: "slow" },
    },
  ]);
  const report = messages.find(({ type }) => type === "end-of-call-report");
  expect(fieldOf(report?.["call"], "cost")).toMatchObject({
    llmPromptTokens: 11,
    llmCompletionTokens: 7,
    llmCost: 11,
  });
  const asked = itemsOf(events["data"]).flatMap((event) => {
    const data = fieldOf(event, "data");
    return fieldOf(data, "type") === "model-requested" ? [fieldOf(data, "model")] : [];
  });
  expect(asked).toEqual(["broken", "slow", "good"]);
  expect(JSON.stringify(messages)).not.toMatch(/127\.0\.0\.1|sk-test|10\.0\.0\.1/u);
  await running.close();
  await Promise.all([broken.close(), slow.close(), good.close()]);
});

test("an address among the fallbacks is guarded like any other", async () => {
  const running = await runApp();
  const fallbackModels = [{ provider: "custom-llm", model: "x", url: "http://169.254.169.254/v1" }];
  const refused = await running.api("POST", "/assistants/v1/assistants", { name: "Desk", fallbackModels });
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: "/fallbackModels/0/url" }] } });
  await running.close();
});
