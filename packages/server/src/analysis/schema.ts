import { createContext, Script } from "node:vm";
import type { Json, JsonObject } from "@offhook/protocol";
import { Ajv, type ErrorObject, type Options, type ValidateFunction } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import { z } from "zod";
import { isObject } from "./json-answer.ts";
import { limits } from "./limits.ts";
import { faultsOf, type Fault, placeOf } from "./schema-fault.ts";

/** An object held against a schema: the part of it that fits, and what does not. */
export type Checked = { data: JsonObject; faults: readonly Fault[] };

export type SchemaChecker =
  | { kind: "usable"; check: (given: JsonObject) => Checked }
  /** The schema itself is at fault; the sentence says how. */
  | { kind: "unusable"; error: string };

/** Formats that are looked at; others are taken for remarks. */
const formats = {
  date: formatOf(z.iso.date()),
  "date-time": formatOf(z.iso.datetime({ offset: true })),
  email: formatOf(z.email()),
  uuid: formatOf(z.guid()),
} as const;

const options: Options = { strict: false, allErrors: true, logger: false, formats };

/** Reads a JSON Schema of draft-06 to 2020-12. Never throws, and never takes longer than its limit. */
export function openSchema(schema: JsonObject): SchemaChecker {
  try {
    const validate = bounded(() => compile(schema));
    return { kind: "usable", check: (given) => check(validate, given) };
  } catch (error) {
    return { kind: "unusable", error: `The JSON Schema cannot be used: ${sentenceOf(error)}.` };
  }
}

function compile(given: JsonObject): ValidateFunction {
  // `$schema` would be looked up, and `$async` would make the check a promise that nobody waits for.
  const { $schema = "", $async: _, ...schema } = given;
  const draft = typeof $schema === "string" ? $schema : "";
  if (draft.includes("2020-12")) return new Ajv2020(options).compile(schema);
  if (draft.includes("2019-09")) return new Ajv2019(options).compile(schema);
  return new Ajv(options).compile(schema);
}

function check(validate: ValidateFunction, given: JsonObject): Checked {
  try {
    return bounded(() => ({ data: fitting(validate, given), faults: faultsOf(errorsIn(validate, given)) }));
  } catch (error) {
    return { data: {}, faults: [{ path: "", says: `could not be checked: ${sentenceOf(error)}` }] };
  }
}

/** Takes away what does not fit, as deep inside as it can be, until what is left has gaps at most. */
function fitting(validate: ValidateFunction, given: JsonObject): JsonObject {
  let data = given;
  for (let round = 0; round < limits.schemaRoundsMax; round += 1) {
    const places = errorsIn(validate, data)
      .map(placeOf)
      .filter((place) => place.length > 0);
    if (places.length === 0) return data;
    data = withoutPlaces(data, places);
  }
  return {};
}

function errorsIn(validate: ValidateFunction, data: JsonObject): readonly ErrorObject[] {
  return validate(data) ? [] : [...(validate.errors ?? [])];
}

function withoutPlaces(object: JsonObject, places: readonly (readonly string[])[]): JsonObject {
  const kept = Object.entries(object).flatMap(([name, value]): [string, Json][] => {
    const left = leftOf(value, places, name);
    return left === undefined ? [] : [[name, left]];
  });
  return Object.fromEntries(kept);
}

/** What is left of one item; `undefined` when it is itself at fault. */
function leftOf(value: Json, places: readonly (readonly string[])[], name: string): Json | undefined {
  const inside = places.filter(([first]) => first === name).map(([, ...rest]) => rest);
  if (inside.length === 0) return value;
  if (inside.some((place) => place.length === 0)) return undefined;
  if (isObject(value)) return withoutPlaces(value, inside);
  if (!Array.isArray(value)) return value;
  return value.flatMap((item, index) => {
    const left = leftOf(item, inside, String(index));
    return left === undefined ? [] : [left];
  });
}

const context = createContext({});
const script = new Script("act()");

/** Runs on this thread, and stops what takes too long: a regular expression of a schema can take for ever. */
function bounded<Value>(act: () => Value): Value {
  const done: { value: Value }[] = [];
  context["act"] = () => void done.push({ value: act() });
  try {
    script.runInContext(context, { timeout: limits.schemaMs });
  } finally {
    delete context["act"];
  }
  const [first] = done;
  if (first === undefined) throw new Error("it did not end");
  return first.value;
}

/** An error of the bounded run comes from another realm: it is no `Error` of ours. */
function sentenceOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  if ("code" in error && error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") {
    return `it takes longer than ${limits.schemaMs} ms (is there a pattern that backtracks?)`;
  }
  return "message" in error && typeof error.message === "string" ? error.message : "it broke";
}

function formatOf(schema: z.ZodType): (text: string) => boolean {
  return (text) => schema.safeParse(text).success;
}
