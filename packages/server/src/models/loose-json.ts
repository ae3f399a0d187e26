import type { Json, JsonObject } from "@offhook/protocol";

/** A field of something unknown; `undefined` where there is none. Array items are fields too. */
export function fieldOf(value: unknown, name: string | number): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}

/** The items of something that may be a list. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text, or `""` for anything else. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The value of a JSON text; `undefined` when it is none. */
export function parseJson(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Holds for what was reached inside JSON: only nothing is not JSON. */
export function isJson(value: unknown): value is Json {
  return value !== undefined;
}

/** Whether it is a JSON object, and neither a list nor null. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Cuts a text to so many characters, with a sign that it was cut. */
export function cut(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1).trimEnd()}…`;
}
