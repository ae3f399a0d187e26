import type { JsonObject, Tool } from "@offhook/protocol";
import { misfitOf } from "./fit.ts";
import { isObject, parseJson } from "./json.ts";
import { shownParameters } from "./offer.ts";

/** A tool call's arguments: an object, or what is wrong with them, in words that the model can act on. */
export type ReadArguments = { kind: "read"; value: JsonObject } | { kind: "broken"; fault: string };

/**
 * Reads the arguments that a model wrote: an object, a JSON string that holds
 * one, or nothing at all, which is no arguments.
 */
export function readArguments(toolName: string, text: string): ReadArguments {
  return readText(toolName, text, "as an object");
}

/** Reads the arguments for a tool, and holds them against the schema that the model was shown of it. */
export function argumentsFor(tool: Tool, text: string): ReadArguments {
  const read = readArguments(tool.name, text);
  if (read.kind === "broken") return read;
  const misfit = misfitOf(shownParameters(tool), read.value);
  if (misfit === undefined) return read;
  const fault = `The arguments of ${tool.name} do not fit: ${misfit}. Call it again with arguments that do.`;
  return { kind: "broken", fault };
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
