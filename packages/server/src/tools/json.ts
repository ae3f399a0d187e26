import type { Json, JsonObject } from "@offhook/protocol";

/** JSON that is nested deeper than this is taken as text: what is built from it could not be written again. */
const jsonDepthMax = 64;

export type ParsedJson = { kind: "json"; value: Json } | { kind: "not-json"; fault: string };

/**
 * Reads JSON text. Whole numbers that do not fit into a double keep their
 * digits, as text: an id that has lost its last ones is worse than none.
 */
export function parseJson(text: string): ParsedJson {
  try {
    const value: unknown = /\d{16}/u.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
    if (!isWritable(value)) return { kind: "not-json", fault: `it is nested more than ${jsonDepthMax} deep` };
    return { kind: "json", value };
  } catch (error) {
    return { kind: "not-json", fault: error instanceof Error ? error.message : "it is not JSON" };
  }
}

/** Whether JSON is an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field of an object's own; `undefined` where there is none. */
export function fieldOf(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value;
  const digits = context?.source ?? "";
  return /^-?\d+$/u.test(digits) ? digits : value;
}

/** Whether what was parsed can be written again. Level by level, since what is deep is no place for recursion. */
function isWritable(parsed: unknown): parsed is Json {
  let level = [parsed].filter(isContainer);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > jsonDepthMax) return false;
    level = level.flatMap((container) => Object.values(container).filter(isContainer));
  }
  return true;
}

function isContainer(value: unknown): value is Record<string, unknown> | unknown[] {
  return typeof value === "object" && value !== null;
}
