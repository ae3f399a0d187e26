import type { Json, JsonObject } from "@offhook/protocol";

/** The same text for the same call: its name and its arguments, in whatever order they were written. */
export function keyOf(name: string, given: JsonObject): string {
  return `${name} ${JSON.stringify(sorted(given))}`;
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(fields.map(([key, item]) => [key, sorted(item)]));
}
