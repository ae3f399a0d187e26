/** Reads what an address says; what does not fit is as if it were not there. */
export function text(given: unknown): string | undefined {
  if (typeof given === "number") return String(given);
  return typeof given === "string" && given !== "" ? given.slice(0, 200) : undefined;
}

export function choice<Value extends string>(values: readonly Value[], given: unknown): Value | undefined {
  const said = typeof given === "number" ? String(given) : given;
  return values.find((value) => value === said);
}

/** What an address says may all be missing from it. */
export function optional<Search extends object>(
  search: Search,
): { [Key in keyof Search]?: Search[Key] | undefined } {
  return search;
}
