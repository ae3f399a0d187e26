import type { Json, JsonObject } from "@offhook/protocol";
import type { ModelTool } from "../../model.ts";
import { isObject, parseJson } from "../loose-json.ts";

/** What somebody who tries a tool by hand gets: the call, or what is wrong with it. */
export type Trial = { kind: "call"; name: string; arguments: JsonObject } | { kind: "fault"; say: string };

/**
 * Reads `call findSlots {"day": "Tuesday"}` and `use findSlots with
 * day=Tuesday`; `undefined` when the words are nothing of the kind.
 */
export function readTrial(text: string, tools: readonly ModelTool[]): Trial | undefined {
  const [, name, rest = ""] =
    /^\s*(?:please\s+)?(?:call|use)\s+(?:the\s+tool\s+)?([\w-]{1,64})(?=[\s.!,:{]|$)([^]*)$/iu.exec(text) ??
    [];
  if (name === undefined || tools.length === 0) return undefined;
  const tool = tools.find((each) => each.name.toLowerCase() === name.toLowerCase());
  const given = rest.replace(/^[\s,:]*(?:with\s+)?/iu, "").trim();
  if (tool === undefined) {
    if (!/[{=]/u.test(given)) return undefined;
    return {
      kind: "fault",
      say: `I have no tool named ${name}. I have: ${tools.map((each) => each.name).join(", ")}.`,
    };
  }
  if (given.startsWith("{")) return readObject(tool.name, given);
  return { kind: "call", name: tool.name, arguments: readPairs(given) };
}

function readObject(name: string, given: string): Trial {
  const value = parseJson(given.replace(/[.!\s]+$/u, ""));
  if (isObject(value)) return { kind: "call", name, arguments: value };
  return {
    kind: "fault",
    say: `The arguments for ${name} are not a JSON object. Write: call ${name} {"key": "value"}`,
  };
}

/** Pairs `key=value`, the value in quotes if it has spaces. */
function readPairs(given: string): JsonObject {
  const pairs: JsonObject = {};
  for (const [, key, quoted, bare] of given.matchAll(/([\w.-]{1,64})\s*=\s*(?:"([^"]*)"|([^\s,]+))/gu)) {
    if (key !== undefined) pairs[key] = quoted ?? readBare(bare ?? "");
  }
  return pairs;
}

/** A number, true, false or null is one; anything else is text. */
function readBare(text: string): Json {
  const value = parseJson(text);
  return value === undefined ? text.replace(/[.!?]+$/u, "") : value;
}
