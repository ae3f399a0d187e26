import type { JsonObject, Tool } from "@offhook/protocol";
import { isObject, parseJson } from "./json.ts";

/** A tool call's arguments: an object, or what is wrong with them, in words that the model can act on. */
export type ReadArguments = { kind: "read"; value: JsonObject } | { kind: "broken"; fault: string };

/**
 * Reads the arguments that a model wrote: an object, a JSON string that holds
 * one, or nothing at all, which is no arguments.
 */
export function readArguments(toolName: string, text: string): ReadArguments {
  return readText(toolName, text, "as an object");
}

/** The arguments that are sent: the tool's static ones take the place of the model's. */
export function withStatic(
  { staticParameters }: Pick<Tool, "staticParameters">,
  given: JsonObject,
): JsonObject {
  return isObject(staticParameters) ? { ...given, ...staticParameters } : given;
}

function readText(toolName: string, text: string, form: "as an object" | "as a string"): ReadArguments {
  if (text.trim() === "") return { kind: "read", value: {} };
  const parsed = parseJson(text);
  if (parsed.kind === "not-json") return broken(toolName, `they are not JSON: ${parsed.fault}`);
  const { value } = parsed;
  if (value === null) return { kind: "read", value: {} };
  if (isObject(value)) return { kind: "read", value };
  if (typeof value === "string" && form === "as an object") return readText(toolName, value, "as a string");
  return broken(
    toolName,
    `they are ${Array.isArray(value) ? "a list" : `a ${typeof value}`}, not a JSON object`,
  );
}

function broken(toolName: string, why: string): ReadArguments {
  return {
    kind: "broken",
    fault: `The arguments of ${toolName} could not be read: ${why}. Call it again with a JSON object.`,
  };
}
