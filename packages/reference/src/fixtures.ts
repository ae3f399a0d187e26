import { type Format, formats, jsonObject, serverBody, tellTypes } from "@offhook/protocol";
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
