import type { Json, JsonObject } from "@offhook/protocol";

/** So many openings are tried when a JSON object stands among other words. */
const openingsMax = 50;

/** The value of a JSON text, a code fence around it or not; `undefined` when it is none. */
export function readJson(answer: string): Json | undefined {
  const text = answer.trim();
  const isFenced = text.startsWith(fence) && text.endsWith(fence) && text.includes("\n");
  return parse(isFenced ? text.slice(text.indexOf("\n"), -fence.length) : text);
}

const fence = "```";

/** The JSON object in an answer: the whole of it, in a code fence, or the first among other words. */
export function readJsonObject(answer: string): JsonObject | undefined {
  const whole = readJson(answer);
  if (whole !== undefined) return isObject(whole) ? whole : undefined;
  let from = -1;
  for (let opening = 0; opening < openingsMax; opening += 1) {
    from = answer.indexOf("{", from + 1);
    if (from === -1) return undefined;
    const end = endOfObject(answer, from);
    const value = end === undefined ? undefined : parse(answer.slice(from, end));
    if (isObject(value)) return value;
  }
  return undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Where the braces that open here are closed again; braces inside strings do not count. */
function endOfObject(text: string, from: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (inString && character === "\\") at += 1;
    else if (character === '"') inString = !inString;
    else if (!inString && character === "{") depth += 1;
    else if (!inString && character === "}" && (depth -= 1) === 0) return at + 1;
  }
  return undefined;
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What a JSON text held is JSON. */
function isJson(value: unknown): value is Json {
  return value !== undefined;
}
