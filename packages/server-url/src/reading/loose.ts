import type { Json, JsonObject } from "@offhook/protocol";

/** A value of a body that may hold anything, or nothing: each reader takes what fits and never fails. */
export type Loose = Json | undefined;

/** The value of a JSON text; `undefined`, which JSON can not say, when it is none. */
export function parseJson(text: string): Loose {
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** For what `JSON.parse` gave: that is JSON. */
function isJson(value: unknown): value is Json {
  return value !== undefined;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object, or an empty one. */
export function objectOf(value: Loose): JsonObject {
  return isObject(value) ? value : {};
}

/** The object, unless it is absent or empty. */
export function filledObject(value: Loose): JsonObject | null {
  return isObject(value) && Object.keys(value).length > 0 ? value : null;
}

export function listOf(value: Loose): Json[] {
  return Array.isArray(value) ? value : [];
}

/** The text, or null when it is absent, empty or no text. */
export function textOf(value: Loose): string | null {
  return typeof value === "string" && value.trim() !== "" ? value : null;
}

/** The number, also one written as text. */
export function numberOf(value: Loose): number | null {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

/** Epoch ms from a number of ms or an ISO 8601 text; one without an offset is UTC (contract, format table). */
export function timeOf(value: Loose): number | null {
  const number = numberOf(value);
  if (number !== null || typeof value !== "string") return number;
  const zoned = /T.*(?:Z|[+-]\d\d:?\d\d)$/iu.test(value) || !value.includes("T");
  const time = Date.parse(zoned ? value : `${value}Z`);
  return Number.isNaN(time) ? null : time;
}

/** The given word if it is one of these, else null. */
export function oneOf<Word extends string>(words: readonly Word[], value: Loose): Word | null {
  return words.find((word) => word === value) ?? null;
}
