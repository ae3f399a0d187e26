/** What a secret is shown as in API answers; sent back, it keeps the stored value. */
export const mask = "••••••••";

const kinds = "authorization|cookie|credential|jwt|passphrase|passwd|password|secret";

/** A whole name, or its last word after `-`, `_`, `.` or a space; in any case. */
const whole = new RegExp(`(?:^|[-_. ])(?:(?:${kinds})s?|key|token)$`, "iu");

/** The last word of a name in camel case. */
const camel = /(?:Authorization|Cookie|Credential|Jwt|Passphrase|Password|Secret)s?$|(?:Key|Token)$/u;

/** Two words that tell of a secret together, however they are joined: `apikey`, `accessTokens`. */
const joined =
  /(?:access|api|auth|bearer|client|private|refresh|secret|session|shared|signing|webhook)[-_. ]?(?:key|secret|token)s?$/iu;

/** Whether a field or header of this name holds a secret (contract 1). */
export function isSensitive(name: string): boolean {
  return whole.test(name) || camel.test(name) || joined.test(name);
}

/** A copy in which every secret is shown as the mask: texts, numbers, and lists and objects as a whole. */
export function maskSecrets<Value>(value: Value): Value {
  return rewriteSecrets(value, () => mask);
}

/** A copy without anything sensitive: what may go into a journal or a payload. */
export function dropSecrets<Value>(value: Value): Value {
  return rewriteSecrets(value, () => undefined);
}

/** What takes the place of a secret; undefined takes its field out. */
export type Rewrite = (secret: unknown) => unknown;

/** A copy in which every secret is replaced by what `write` makes of it. The rest is the same. */
export function rewriteSecrets<Value>(value: Value, write: Rewrite): Value {
  return rewrite(value, write) as Value;
}

/**
 * A copy in which masks are replaced by what is stored in the same place. In a
 * list that is the item of the same id or name, wherever it stands now, so that
 * no secret moves to a neighbour. A mask that stands for nothing stays: no
 * schema takes it for a secret.
 */
export function unmaskSecrets<Value>(value: Value, stored: unknown): Value {
  return restore(value, { stored, shown: maskSecrets(stored) }) as Value;
}

/** What is stored in a place, and what was shown of it. */
type Place = { stored: unknown; shown: unknown };

function restore(value: unknown, place: Place): unknown {
  if (value === mask && place.shown === mask) return place.stored;
  if (Array.isArray(value)) return restoreList(value, place);
  if (!isObject(value)) return value;
  return fromFields(value, (name, item) => restore(item, inside(place, name)));
}

function inside({ stored, shown }: Place, name: string | number): Place {
  return { stored: at(stored, name), shown: at(shown, name) };
}

function at(value: unknown, name: string | number): unknown {
  if (Array.isArray(value)) return value[Number(name)];
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function restoreList(items: readonly unknown[], place: Place): unknown[] {
  const stored: readonly unknown[] = Array.isArray(place.stored) ? place.stored : [];
  const after = items.map(nameOf);
  const before = stored.map(nameOf);
  const known = new Map(before.map((name, index) => [name, index]));
  const present = new Set(after);
  return items.map((item, index) => {
    const [name, there] = [after[index], before[index]];
    if (name !== undefined && name === there) return restore(item, inside(place, index));
    const elsewhere = name === undefined ? undefined : known.get(name);
    if (elsewhere !== undefined) return restore(item, inside(place, elsewhere));
    // Without a name, or renamed: the same place, if what stood there stands nowhere else now.
    const isThere = after.length === before.length && (there === undefined || !present.has(there));
    return restore(item, isThere ? inside(place, index) : nowhere);
  });
}

const nowhere: Place = { stored: undefined, shown: undefined };

/** What tells an item of a list from its neighbours. */
function nameOf(item: unknown): string | undefined {
  if (!isObject(item)) return undefined;
  const inner = isObject(item["function"]) ? item["function"]["name"] : undefined;
  return [item["_id"], item["id"], item["name"], inner].find((name) => typeof name === "string");
}

function rewrite(value: unknown, write: Rewrite): unknown {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, write));
  if (!isObject(value)) return value;
  const describes = isObjectSchema(value);
  return fromFields(value, (name, item) => {
    if (describes && name === "properties" && isObject(item)) return rewriteProperties(item, write);
    return isSensitive(name) && holdsSomething(item) ? write(item) : rewrite(item, write);
  });
}

/** A field of a JSON Schema that is named as a secret is described there, not given. */
function rewriteProperties(properties: Record<string, unknown>, write: Rewrite): unknown {
  return fromFields(properties, (name, item) => {
    if (!isSensitive(name)) return rewrite(item, write);
    if (isObject(item) && descriptions.some((word) => Object.hasOwn(item, word)))
      return rewriteDescription(item, write);
    return holdsSomething(item) ? write(item) : item;
  });
}

function rewriteDescription(said: unknown, write: Rewrite): unknown {
  if (Array.isArray(said)) return said.map((item) => rewriteDescription(item, write));
  if (!isObject(said)) return said;
  return fromFields(said, (word, item) => (values.has(word) ? write(item) : rewriteDescription(item, write)));
}

/** Words of JSON Schema by which the description of a field is known. */
const descriptions = ["type", "description", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"];

/** The words of JSON Schema that hold values of a field. */
const values = new Set(["const", "default", "enum", "example", "examples"]);

function isObjectSchema(value: Record<string, unknown>): boolean {
  const { type } = value;
  return type === "object" || (Array.isArray(type) && type.includes("object"));
}

/** Nothing, "", true and false give no secret away. */
function holdsSomething(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return value !== "" && value !== null && value !== undefined && typeof value !== "boolean";
}

function fromFields(
  value: Record<string, unknown>,
  write: (name: string, item: unknown) => unknown,
): Record<string, unknown> {
  const written = Object.entries(value).map(([name, item]) => [name, write(name, item)] as const);
  return Object.fromEntries(written.filter(([, item]) => item !== undefined));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
