/** JSON, or `undefined` for what is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object's own fields; none for what is no object. */
export function objectOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? { ...value } : {};
}
