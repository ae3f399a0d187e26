import type { ErrorObject } from "ajv";
import { limits } from "./limits.ts";

/** What is wrong with one field; `path` is `""` for the whole object. */
export type Fault = { path: string; says: string };

/** Where in the object an error of ajv lies; `[]` when it is about the whole, or about something that is missing in it. */
export function placeOf({ instancePath, params }: ErrorObject): string[] {
  const path = instancePath.split("/").slice(1).map(unescape);
  const inside = [params["additionalProperty"], params["unevaluatedProperty"], params["propertyName"]];
  const name = inside.find((each) => typeof each === "string");
  return name === undefined ? path : [...path, name];
}

/** The faults behind the errors of ajv, each field named once for each thing that is wrong with it. */
export function faultsOf(errors: readonly ErrorObject[]): Fault[] {
  const faults = new Map<string, Fault>();
  for (const error of errors) {
    const fault = faultOf(error);
    if (fault !== undefined) faults.set(JSON.stringify(fault), fault);
  }
  return [...faults.values()];
}

/** The faults as one sentence. */
export function tellFaults(faults: readonly Fault[]): string {
  const named = faults.slice(0, limits.faultsMax).map(tellFault);
  const more = faults.length - named.length;
  return `${named.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

/** One fault in words. */
export function tellFault({ path, says }: Fault): string {
  return path === "" ? `the answer ${says}` : `${path} ${says}`;
}

function faultOf(error: ErrorObject): Fault | undefined {
  const { keyword, params, message } = error;
  const place = placeOf(error);
  switch (keyword) {
    case "required":
    case "dependentRequired":
    case "dependencies":
      return { path: [...place, String(params["missingProperty"])].join("."), says: "is missing" };
    case "additionalProperties":
    case "unevaluatedProperties":
      return { path: place.join("."), says: "is not in the schema" };
    case "enum":
      return { path: place.join("."), says: `must be one of ${JSON.stringify(params["allowedValues"])}` };
    case "const":
      return { path: place.join("."), says: `must be ${JSON.stringify(params["allowedValue"])}` };
    // It only says that one of the errors beside it occurred.
    case "if":
      return undefined;
    default:
      return { path: place.join("."), says: message ?? `does not fit (${keyword})` };
  }
}

/** JSON Pointer (RFC 6901): `~1` is a slash, `~0` a tilde. */
function unescape(step: string): string {
  return step.replaceAll("~1", "/").replaceAll("~0", "~");
}
