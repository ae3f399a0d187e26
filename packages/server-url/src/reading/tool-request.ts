import type { Json, JsonObject } from "@offhook/protocol";
import { readEnvelope } from "./envelope.ts";
import { isObject, listOf, type Loose, objectOf, parseJson, textOf } from "./loose.ts";
import type { ReadToolCall, ToolRequest } from "./received.ts";

/** What the headers and the address say about a tool request. */
export type ToolHints = { toolName: string | null; toolCallId: string | null; callId: string | null };

/** Reads a `function-call` or `tool-calls` message (contract 4.2 and 9), or nothing when it is neither. */
export function readToolMessage(
  message: JsonObject,
  hints: ToolHints,
  original: Json,
): ToolRequest | undefined {
  if (message.type !== "function-call" && message.type !== "tool-calls") return undefined;
  const envelope = readEnvelope(message);
  const callId = envelope.call.id ?? hints.callId;
  const shared = { kind: "tool-request" as const, callId, envelope, original };
  if (message.type === "function-call")
    return { ...shared, style: "envelope", calls: [readFunctionCall(message, hints)] };
  return { ...shared, style: "tool-calls", calls: listOf(message.toolCallList).map(readListed) };
}

/** Reads a request whose body is nothing but the arguments; its name is in a header or the address. */
export function readBareArguments(name: string, hints: ToolHints, original: Json): ToolRequest {
  const call = { id: hints.toolCallId, name, arguments: readArguments(original) };
  return {
    kind: "tool-request",
    style: "arguments",
    calls: [call],
    callId: hints.callId,
    envelope: null,
    original,
  };
}

function readFunctionCall(message: JsonObject, hints: ToolHints): ReadToolCall {
  const given = objectOf(message.functionCall);
  return {
    id: textOf(given.id) ?? hints.toolCallId,
    name: textOf(given.name) ?? hints.toolName ?? "",
    arguments: readArguments(given.parameters ?? given.arguments),
  };
}

function readListed(given: Json): ReadToolCall {
  const call = objectOf(given);
  const inner = objectOf(call.function);
  return {
    id: textOf(call.id),
    name: textOf(inner.name) ?? textOf(call.name) ?? "",
    arguments: readArguments(inner.arguments ?? inner.parameters ?? call.arguments),
  };
}

/** An object, or a JSON text of one; nothing at all counts as no arguments; else the text as it came. */
function readArguments(given: Loose): JsonObject | string {
  if (isObject(given)) return given;
  if (given === undefined || given === null || given === "") return {};
  if (typeof given !== "string") return JSON.stringify(given);
  const parsed = parseJson(given);
  return isObject(parsed) ? parsed : given;
}
