import { faultsOf, mask } from "@offhook/protocol";

/** A stored thing while it is edited: JSON that need not fit yet. */
export type Draft = { [field: string]: unknown };
export type Path = readonly string[];

/** What tells whether a draft fits, as the schemas of the protocol do. */
type Schema = {
  safeParse(
    given: unknown,
  ):
    | { success: true }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
};

export function at(draft: unknown, path: Path): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return draft;
  return isObject(draft) ? at(draft[name], rest) : undefined;
}

export function textAt(draft: Draft, path: Path): string {
  const value = at(draft, path);
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : "";
}

/** The draft with one value changed; `undefined` takes the field away. */
export function put(draft: Draft, path: Path, value: unknown): Draft {
  const [name, ...rest] = path;
  if (name === undefined) return draft;
  if (rest.length > 0) {
    const inner = draft[name];
    return { ...draft, [name]: put(isObject(inner) ? inner : {}, rest, value) };
  }
  if (value !== undefined) return { ...draft, [name]: value };
  return Object.fromEntries(Object.entries(draft).filter(([field]) => field !== name));
}

/** What does not fit, by JSON Pointer. A masked secret stands for the stored one, which fits. */
export function faultsIn(schema: Schema, draft: Draft): ReadonlyMap<string, string> {
  const read = schema.safeParse(withoutMasks(draft));
  if (read.success) return new Map();
  return new Map(faultsOf(read.error).map(({ path, message }) => [path, message]));
}

function withoutMasks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMasks);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, item]) => item !== mask);
  return Object.fromEntries(kept.map(([name, item]) => [name, withoutMasks(item)]));
}

export function pointer(path: Path): string {
  return path.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** One difference between two drafts; `undefined` where a field was not, or is not any more. */
export type Change = { path: string; before: unknown; after: unknown };

export function changesBetween(before: unknown, after: unknown, path: Path = []): Change[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isObject(before) || !isObject(after)) return [{ path: pointer(path), before, after }];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => changesBetween(before[name], after[name], [...path, name]));
}

/** The JSON Merge Patch (RFC 7396) that makes one of the other. */
export function patchBetween(before: Draft, after: Draft): Draft {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const parts = [...names].flatMap((name): [string, unknown][] => {
    const [old, now] = [before[name], after[name]];
    if (JSON.stringify(old) === JSON.stringify(now)) return [];
    if (now === undefined) return [[name, null]];
    return [[name, isObject(old) && isObject(now) ? patchBetween(old, now) : now]];
  });
  return Object.fromEntries(parts);
}

/** A stored thing without what the server adds to it. */
export function draftOf(kept: Draft): Draft {
  const { _id, createdAt: _created, updatedAt: _updated, ...draft } = kept;
  return draft;
}

export function isObject(value: unknown): value is Draft {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
