import type { Json, JsonObject } from "@offhook/protocol";
import { listOf, objectOf, textOf, timeOf } from "./loose.ts";
import type { ReadMessage } from "./received.ts";

const roles: ReadonlyMap<unknown, ReadMessage["role"]> = new Map([
  ["user", "user"],
  ["assistant", "assistant"],
  ["bot", "assistant"],
]);

/** Reads the history from `message.messages` or `call.messages`: of two, the longer (contract 9). */
export function readHistory(message: JsonObject): readonly ReadMessage[] {
  const own = listOf(message.messages);
  const inCall = listOf(objectOf(message.call).messages);
  return (inCall.length > own.length ? inCall : own).map(readMessage);
}

function readMessage(given: Json): ReadMessage {
  const message = objectOf(given);
  return {
    messageId: textOf(message.messageId),
    role: roles.get(message.role) ?? "unknown",
    text: typeof message.text === "string" ? message.text : "",
    timestamp: timeOf(message.timestamp),
    metrics: objectOf(message.metrics),
    skippedAssistantMessages: listOf(message.skippedAssistantMessages).flatMap((item) => textOf(item) ?? []),
  };
}
