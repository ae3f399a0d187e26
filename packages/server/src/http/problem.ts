import type { Fault, Problem, Refusal, RefusalCode } from "@offhook/protocol";
import type { Context, TypedResponse } from "hono";
import type { ClientErrorStatusCode, ServerErrorStatusCode } from "hono/utils/http-status";

type ProblemStatus = Extract<
  ClientErrorStatusCode | ServerErrorStatusCode,
  400 | 401 | 404 | 405 | 409 | 413 | 415 | 422 | 426 | 429 | 500 | 503 | 504
>;

/** Every refusal as HTTP: the one table. */
export const problems = {
  invalid: { status: 422, title: "The request does not fit" },
  unauthorized: { status: 401, title: "No valid API key" },
  "not-found": { status: 404, title: "Not found" },
  "method-not-allowed": { status: 405, title: "Method not allowed" },
  "too-large": { status: 413, title: "Too large" },
  "unsupported-media-type": { status: 415, title: "Unsupported media type" },
  "forbidden-address": { status: 422, title: "Forbidden address" },
  "call-finished": { status: 409, title: "The call is finished" },
  "call-ending": { status: 409, title: "The call is ending" },
  "agenda-full": { status: 429, title: "Too much is waiting for this call" },
  "not-on-this-channel": { status: 409, title: "Not on this channel" },
  "unknown-tool-call": { status: 422, title: "Unknown tool call" },
  "irrevocable-key": { status: 409, title: "The key cannot be revoked" },
  "not-available-yet": { status: 422, title: "Not available yet" },
  "over-capacity": { status: 503, title: "Over capacity" },
  "team-over-capacity": { status: 429, title: "The team is over its capacity" },
  "nobody-answers": { status: 503, title: "Nobody answers" },
  stopping: { status: 503, title: "The server is stopping" },
  "taking-over": { status: 503, title: "The call is being taken over", retryAfterSeconds: 1 },
  "outcome-unknown": { status: 504, title: "Nobody knows whether it was done" },
  "store-unavailable": { status: 503, title: "The store is unavailable" },
  internal: { status: 500, title: "A fault of the server" },
} as const satisfies Record<RefusalCode, Row>;

type Row = {
  status: ProblemStatus;
  title: string;
  /** After which it makes sense to try again what was refused for now; where it is not the usual time. */
  retryAfterSeconds?: number;
};

const retryAfterSecondsUsual = 2;

/** A request with a great many faults is told of so many. */
const faultsMax = 100;

/** A refusal as a problem of RFC 9457. `status` where it is not the table's. */
export function problemOf(refusal: Refusal, status?: number): Problem {
  const { refused, detail, errors } = refusal;
  const row = problems[refused];
  return {
    type: `urn:offhook:problem:${refused}`,
    title: row.title,
    status: status ?? row.status,
    detail,
    code: refused,
    ...(errors === undefined ? {} : { errors: errors.slice(0, faultsMax) }),
  };
}

/** The headers that go with a problem's status. */
function problemHeaders({ status }: Problem, refused: RefusalCode): Record<string, string> {
  const { retryAfterSeconds = retryAfterSecondsUsual }: Row = problems[refused];
  return {
    "Content-Type": "application/problem+json",
    ...(status === 401 ? { "www-authenticate": 'Bearer realm="offhook"' } : {}),
    ...(status === 429 || status === 503 ? { "retry-after": String(retryAfterSeconds) } : {}),
  };
}

/** An answer that refuses. */
export type Refused = Response & TypedResponse<Problem, ProblemStatus, "json">;

/** Answers with a problem. `status` where it is not the table's. */
export function refuse(context: Context, refusal: Refusal, status?: ProblemStatus): Refused {
  const code = status ?? problems[refusal.refused].status;
  const problem = problemOf(refusal, code);
  return context.json(problem, code, problemHeaders(problem, refusal.refused));
}

/** Whether an answer of another room is a refusal. */
export function isRefusal(answer: object): answer is Refusal {
  return "refused" in answer && typeof answer.refused === "string" && Object.hasOwn(problems, answer.refused);
}

/** A refusal for one field, told at its path. */
export function refusalAt(path: string, message: string): Refusal {
  return invalid([{ path, message }]);
}

/** A refusal of faults in what was sent. */
export function invalid(errors: Fault[]): Refusal {
  return {
    refused: "invalid",
    detail: "The request does not fit: mend what `errors` names and send it again.",
    errors,
  };
}
