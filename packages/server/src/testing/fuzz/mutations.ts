import fc from "fast-check";
import type { Json } from "@offhook/protocol";

/** Values that programs stumble over. */
const awkward: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  2 ** 53,
  1.5,
  "",
  " ",
  "\u0000",
  "\uD800",
  "__proto__",
  "constructor",
  "x".repeat(5_000),
  [],
  {},
  [[]],
  { "": "" },
  { type: null },
  [null],
  "2026-02-30",
  "-1",
  "9".repeat(30),
  "http://127.0.0.1:9/x",
  "http://169.254.169.254/",
  "file:///etc/passwd",
  "••••••••",
  "{{variable}}",
];

/** A value where another was expected. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...awkward) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
);

/** What is done to one place of a value: which place, and how. */
type Mutation = { place: number; how: "replace" | "remove" | "rename" | "double"; value: unknown };

const mutation: fc.Arbitrary<Mutation> = fc.record({
  place: fc.nat(),
  how: fc.constantFrom("replace", "replace", "replace", "remove", "rename", "double"),
  value: anyValue,
});

/** One of the samples with up to four places changed. */
export function mutated(samples: readonly Json[]): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(mutation, { maxLength: 4 }))
    .map(([sample, mutations]) => asJson(mutations.reduce<unknown>(mutate, structuredClone(sample))));
}

/** As it would come over a wire. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value) ?? "null");
}

/** Bytes of a sample as JSON: mutated as a value, or then as bytes, or no JSON at all. */
export function mutatedBytes(samples: readonly Json[]): fc.Arbitrary<Uint8Array> {
  const json = mutated(samples).map((value) => bytesOf(JSON.stringify(value) ?? ""));
  return fc.oneof(
    { weight: 8, arbitrary: json },
    { weight: 2, arbitrary: fc.tuple(json, fc.nat(), fc.nat(255)).map(spoil) },
    {
      weight: 1,
      arbitrary: fc.tuple(json, fc.nat()).map(([bytes, at]) => bytes.subarray(0, at % (bytes.length + 1))),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function spoil([bytes, at, byte]: [Uint8Array, number, number]): Uint8Array {
  if (bytes.length > 0) bytes[at % bytes.length] = byte;
  return bytes;
}

type Place = { holder: Record<string, unknown>; key: string };

function mutate(value: unknown, { place, how, value: given }: Mutation): unknown {
  // Its own copy: the next mutation may change what this one put in.
  const other: unknown = structuredClone(given);
  const places = placesIn(value);
  const chosen = places[place % (places.length + 1)];
  if (chosen === undefined) return how === "replace" ? other : value;
  const { holder, key } = chosen;
  if (how === "replace") holder[key] = other;
  else if (how === "double") put(holder, `${key}2`, holder[key]);
  else {
    if (how === "rename") put(holder, typeof other === "string" ? other : `${key}x`, holder[key]);
    delete holder[key];
  }
  return value;
}

/** A field of that name, whatever the name: `__proto__` is one too, as it is in JSON. */
function put(holder: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function placesIn(value: unknown): Place[] {
  if (!isHolder(value)) return [];
  return Object.keys(value).flatMap((key) => [{ holder: value, key }, ...placesIn(value[key])]);
}

function isHolder(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
