import type { Json } from "@offhook/protocol";

/** What is answered to a POST, before it becomes the host's own; `body` is JSON text. */
export type Answer = { status: number; body: string; headers?: Readonly<Record<string, string>> };

const refusals = {
  "bad-body": 400,
  "not-authentic": 401,
  "method-not-allowed": 405,
  "body-late": 408,
  "body-too-large": 413,
  "not-json": 415,
  "handler-failed": 500,
  "body-used": 500,
  busy: 503,
  "handler-late": 503,
} as const;

export type Refusal = keyof typeof refusals;

/** A body that was not to be had, and its answer. */
export type Refused = { refused: Answer };

const refusalHeaders: { [Name in Refusal]?: Readonly<Record<string, string>> } = {
  "method-not-allowed": { allow: "POST" },
  busy: { "retry-after": "1" },
  "handler-late": { "retry-after": "1" },
};

/** A refusal with a sentence that tells the sender what was wrong. */
export function refuse(refusal: Refusal, sentence: string): Answer {
  const headers = refusalHeaders[refusal];
  const answer = { status: refusals[refusal], body: JSON.stringify({ error: sentence }) };
  return headers === undefined ? answer : { ...answer, headers };
}

export function accept(value: Json): Answer {
  return { status: 200, body: JSON.stringify(value) };
}

const json = { "content-type": "application/json" };

/** The headers of an answer, those of its kind included. */
export function headersOf({ headers }: Answer): Readonly<Record<string, string>> {
  return headers === undefined ? json : { ...json, ...headers };
}
