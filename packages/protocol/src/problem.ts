import { z } from "zod";

/** One fault of a body, at a JSON Pointer (RFC 6901) into it. */
export const fault = z.object({ path: z.string(), message: z.string() });
export type Fault = z.infer<typeof fault>;

/** An error of the API: `application/problem+json`, RFC 9457. `detail` says what to do. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  /** Our short name of it, to branch on. */
  code: z.string(),
  errors: z.array(fault).optional(),
});
export type Problem = z.infer<typeof problem>;

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

/** Why the server does not do what it was asked, by name. */
export const refusalCodes = [
  "invalid",
  "unauthorized",
  "not-found",
  "method-not-allowed",
  "too-large",
  "unsupported-media-type",
  "forbidden-address",
  "call-finished",
  "call-ending",
  "agenda-full",
  "not-on-this-channel",
  "unknown-tool-call",
  "not-available-yet",
  "over-capacity",
  "team-over-capacity",
  "nobody-answers",
  "stopping",
  "store-unavailable",
  "internal",
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** A refusal as a value: its name, what to do about it, and the faults by path if there are any. */
export type Refusal = { refused: RefusalCode; detail: string; errors?: Fault[] };
