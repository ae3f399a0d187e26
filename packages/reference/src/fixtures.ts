import { type Format, formats, jsonObject, sampleCallId, serverBody, tellTypes } from "@offhook/protocol";
import type { RunningServer } from "./running-server.ts";

/** A body of each type, by format: what the server really sends of its sample call. */
export type Fixtures = Record<Format, Record<string, unknown>>;

/** Has the server send every type in both formats to a Server URL of ours, and keeps what came. */
export async function captureFixtures(server: RunningServer): Promise<Fixtures> {
  const fixtures: Fixtures = { "2025-04": {}, "2026-03": {} };
  for (const format of formats) {
    for (const type of tellTypes) {
      await server.ask("POST", "/events/v1/test", { url: server.serverUrl, type, format });
      fixtures[format][type] = onlyBody(server);
    }
  }
  const asked = await captureToolCall(server);
  fixtures["2025-04"]["function-call"] = asked;
  fixtures["2026-03"]["function-call"] = withEpochTimes(asked);
  // It has no history yet, so both formats are one.
  const who = await captureAssistantRequest(server);
  for (const format of formats) fixtures[format]["assistant-request"] = who;
  return fixtures;
}

function onlyBody(server: RunningServer): unknown {
  const [body, ...more] = server.received();
  if (body === undefined || more.length > 0) throw new Error("one body was to come to the Server URL");
  const parsed: unknown = JSON.parse(body);
  return serverBody.parse(parsed) && parsed;
}

async function captureToolCall(server: RunningServer): Promise<unknown> {
  const tool = await server.ask("POST", "/assistants/v1/tools", {
    name: "findSlots",
    description: "Free slots on a day",
    parameters: { type: "object", properties: { day: { type: "string" } }, required: ["day"] },
    server: { url: server.serverUrl, format: "envelope" },
  });
  const path = `/assistants/v1/tools/${String(tool["_id"])}/test`;
  await server.ask("POST", path, { arguments: { day: "Monday" } });
  return settled(onlyBody(server));
}

/** What a call asks that comes in by a number whose server says who answers; the number's own assistant takes it. */
async function captureAssistantRequest(server: RunningServer): Promise<unknown> {
  const assistant = await server.ask("POST", "/assistants/v1/assistants", {
    name: "Sample assistant",
    assistantProvider: "rehearsal",
  });
  const number = await server.ask("POST", "/assistants/v1/numbers", {
    number: "+49301234567",
    assistantId: assistant["_id"],
    server: { url: server.serverUrl },
  });
  const call = await server.ask("POST", "/calls/v1/conversations/connect", {
    phoneNumberId: number["_id"],
    customer: { number: "web-sample", name: "Sample" },
    metadata: { sample: true },
  });
  const path = `/calls/v1/conversations/${String(call["id"])}/control`;
  await server.ask("POST", path, { type: "end" });
  return settledCall(onlyBody(server));
}

/** The ids and times of a call that was made just now are not a fixture's. */
function settledCall(body: unknown): unknown {
  const message = messageOf(body);
  const call = jsonObject.parse(message["call"]);
  const at = "2026-03-02T09:00:00.000Z";
  return {
    message: {
      ...message,
      id: `ask_${sampleCallId}`,
      timestamp: Date.parse(at),
      call: { ...call, id: sampleCallId, createdAt: at, updatedAt: at },
    },
  };
}

/** The id and the time of a trial are of the moment; a fixture's are not. */
function settled(body: unknown): unknown {
  const message = messageOf(body);
  const call = jsonObject.parse(message["functionCall"]);
  const id = "tool_sample_1";
  return {
    message: {
      ...message,
      id,
      timestamp: Date.parse("2026-03-02T09:00:06.500Z"),
      functionCall: { ...call, id },
    },
  };
}

/** The tool request as 2026-03 has it: the times of its messages are numbers. */
function withEpochTimes(body: unknown): unknown {
  const message = messageOf(body);
  const messages = jsonObject.array().parse(message["messages"]);
  const timed = messages.map((one) => ({ ...one, timestamp: Date.parse(String(one["timestamp"])) }));
  return { message: { ...message, messages: timed } };
}

function messageOf(body: unknown): Record<string, unknown> {
  return jsonObject.parse(jsonObject.parse(body)["message"]);
}
