import { createContext, Script } from "node:vm";
import type { JsonObject } from "@offhook/protocol";
import { Ajv, type ErrorObject, type Options, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";

/** Schemas that are kept ready; the one that was used longest ago goes first. */
const schemasMax = 256;
/** What a check may take: a pattern of a schema can backtrack, and this thread is that of live calls. */
const checkMs = 500;
/** Faults that a model is told at once. */
const faultsMax = 5;

/** `bounded`: it has patterns, and its checks are stopped when they take too long. */
type Fit = { kind: "bounded" | "quick"; validate: ValidateFunction } | { kind: "unusable" };

const kept = new Map<string, Fit>();

/**
 * What of some arguments does not fit their JSON Schema, in words; `undefined`
 * when they fit. A schema that cannot be used, or that takes too long, lets
 * everything pass: the tool's server is the judge of last resort.
 */
export function misfitOf(schema: JsonObject, given: JsonObject): string | undefined {
  const fit = fitFor(schema);
  if (fit.kind === "unusable") return undefined;
  const { validate } = fit;
  const fits = fit.kind === "quick" ? tried(() => validate(given)) : inTime(() => validate(given));
  return fits === false ? tell(validate.errors ?? []) : undefined;
}

function fitFor(schema: JsonObject): Fit {
  const key = JSON.stringify(schema);
  const found = kept.get(key);
  const fit = found ?? compile(schema);
  kept.delete(key);
  kept.set(key, fit);
  for (const [oldest] of kept) {
    if (kept.size <= schemasMax) break;
    kept.delete(oldest);
  }
  return fit;
}

const options: Options = {
  strict: false,
  allErrors: true,
  logger: false,
  meta: false,
  validateSchema: false,
  validateFormats: false,
};

function compile(given: JsonObject): Fit {
  // `$schema` would be looked up, and `$async` would make the check a promise that nobody waits for.
  const { $schema = "", $async: _async, ...schema } = given;
  const isNew = typeof $schema === "string" && $schema.includes("2020-12");
  const make = (): ValidateFunction => (isNew ? new Ajv2020(options) : new Ajv(options)).compile(schema);
  const validate = tried(make);
  if (validate === undefined) return { kind: "unusable" };
  return { kind: JSON.stringify(schema).includes('"pattern') ? "bounded" : "quick", validate };
}

const context = createContext({});
const script = new Script("act()");

/** `undefined` for what breaks. */
function tried<Value>(act: () => Value): Value | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

/** Runs on this thread, and stops what takes too long; `undefined` for what did not come to an end. */
function inTime<Value>(act: () => Value): Value | undefined {
  const done: Value[] = [];
  context["act"] = () => void done.push(act());
  try {
    script.runInContext(context, { timeout: checkMs });
  } catch {
    return undefined;
  } finally {
    delete context["act"];
  }
  return done[0];
}

function tell(errors: readonly ErrorObject[]): string {
  const faults = [...new Set(errors.map(faultOf))];
  const more = faults.length - faultsMax;
  return `${faults.slice(0, faultsMax).join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

function faultOf({ instancePath, keyword, params, message = "does not fit" }: ErrorObject): string {
  const place = instancePath.slice(1).replaceAll("/", ".");
  const where = place === "" ? "" : `${place} `;
  switch (keyword) {
    case "required":
      return `${[place, String(params["missingProperty"])].filter(Boolean).join(".")} is missing`;
    case "additionalProperties":
      return `${[place, String(params["additionalProperty"])].filter(Boolean).join(".")} is not known`;
    case "enum":
      return `${where}must be one of ${JSON.stringify(params["allowedValues"])}`;
    default:
      return `${where}${message}`;
  }
}
