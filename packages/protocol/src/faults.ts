import type { Fault } from "./problem.ts";

/** What zod says of one fault; a name that fits no pattern, and a value that fits none of several forms, have reasons inside. */
type Issue = {
  path: readonly PropertyKey[];
  message: string;
  code?: string | undefined;
  issues?: readonly { message: string }[];
  errors?: readonly (readonly { message: string }[])[];
};

/** The faults that a zod schema found, by path. */
export function faultsOf(error: { issues: readonly Issue[] }): Fault[] {
  return error.issues.map((issue) => ({ path: pointer(issue.path), message: sentenceOf(issue) }));
}

/** What is wrong, for a person, where zod's own words are for a programmer. */
export function sentenceOf({ code, message, issues, errors }: Issue): string {
  if (code === "invalid_key") return issues?.[0]?.message ?? message;
  if (message === "Invalid input") {
    const isMissing = errors?.flat().every((error) => missing.test(error.message)) ?? false;
    return isMissing ? "is missing" : "fits none of the forms that it may have";
  }
  return message.replace(missing, "is missing: expected $1");
}

const missing = /^Invalid input: expected (.+), received undefined$/u;

function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
