import type { JsonObject } from "@offhook/protocol";
import { expect, test } from "vitest";
import { fieldOf, itemsOf } from "./loose-json.ts";
import { type Recording, recordings, replayed, spoken } from "../testing/openai-recordings.ts";
import { openAiServer } from "../testing/openai-server.ts";
import { eventually, idIn, messageIn, runApp } from "../testing/running-app.ts";

const findSlots = {
  name: "findSlots",
  description: "Free slots on a day",
  parameters: { type: "object", properties: { day: { type: "string" } }, required: ["day"] },
};

/** One call against a server: two tools in one reply, an answer, and one more turn with all that in its history. */
async function talkWith(recording: Recording) {
  const model = await openAiServer({ replies: (request) => replayed(recording, request) });
  const running = await runApp({
    env: { OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: model.url },
    script: (request) => {
      const call = messageIn(request)["functionCall"];
      return call === undefined
        ? { act: "answer", status: 204 }
        : { act: "answer", body: JSON.stringify({ result: { free: fieldOf(call, "parameters") ?? null } }) };
    },
  });
  const assistant = {
    name: "Clinic",
    assistantSystemPrompt: "Be brief.",
    tools: [findSlots],
    assistantServer: { url: running.serverUrl },
  };
  const { body } = await running.api("POST", "/calls/v1/conversations/connect", { assistant });
  const path = `/calls/v1/conversations/${idIn(body)}`;
  const outcomes: unknown[] = [];
  for (const text of ["Is there a slot on Tuesday or Wednesday?", "Thank you."]) {
    const said = await running.api("POST", `${path}/messages?wait=true`, { text });
    outcomes.push(said.body["outcome"]);
  }
  await running.api("POST", `${path}/control`, { type: "end" });
  const messages = () => running.receiver.requests.map(messageIn);
  await eventually(() => messages().some(({ type }) => type === "end-of-call-report"));
  const report = messages().find(({ type }) => type === "end-of-call-report");
  await running.close();
  await model.close();
  return { outcomes, messages: messages(), report, requests: model.requests };
}

/** What an application, and the model itself, saw of a conversation: all but ids and times. */
function storyOf({ outcomes, messages, report, requests }: Awaited<ReturnType<typeof talkWith>>) {
  const asked = messages.flatMap((message) => {
    const call = message["functionCall"];
    return call === undefined ? [] : [[fieldOf(call, "name"), fieldOf(call, "parameters")]];
  });
  const said = itemsOf(report?.["messages"]).map((message) => [
    fieldOf(message, "role"),
    fieldOf(message, "text"),
  ]);
  const told = itemsOf(requests.at(-1)?.body["messages"]).map((message) => [
    fieldOf(message, "role"),
    fieldOf(message, "content"),
    itemsOf(fieldOf(message, "tool_calls")).map((call) => fieldOf(call, "function")),
  ]);
  const errors = messages
    .filter(({ type }) => type === "error")
    .map((message: JsonObject) => message["error"]);
  return { outcomes, asked: asked.map((each) => JSON.stringify(each)).toSorted(), said, told, errors };
}

const expected = {
  outcomes: ["answered", "answered"],
  asked: ['["findSlots",{"day":"Tuesday"}]', '["findSlots",{"day":"Wednesday"}]'],
  said: [
    ["user", "Is there a slot on Tuesday or Wednesday?"],
    ["assistant", spoken],
    ["user", "Thank you."],
    ["assistant", spoken],
  ],
  told: [
    ["system", "Be brief.", []],
    ["user", "Is there a slot on Tuesday or Wednesday?", []],
    [
      "assistant",
      null,
      [
        { name: "findSlots", arguments: '{"day":"Tuesday"}' },
        { name: "findSlots", arguments: '{"day":"Wednesday"}' },
      ],
    ],
    ["tool", '{"free":{"day":"Tuesday"}}', []],
    ["tool", '{"free":{"day":"Wednesday"}}', []],
    ["assistant", spoken, []],
    ["user", "Thank you.", []],
  ],
  errors: [],
};

test.each(Object.entries(recordings))("a call with %s is the same conversation", async (_name, recording) => {
  expect(storyOf(await talkWith(recording))).toEqual(expected);
});
