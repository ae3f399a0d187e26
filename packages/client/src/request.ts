import { faultsOf, problem } from "@offhook/protocol";
import { type Answer, failed } from "./answer.ts";
import { deadline } from "./clock.ts";
import type { Limits } from "./limits.ts";

/** Where the server is, who asks, and how. */
export type Connection = {
  /** Without a slash at the end. */
  url: string;
  /** None in a page of the server's own, whose cookie stands for one. */
  apiKey?: string;
  fetch: typeof fetch;
  limits: Limits;
};

export type Ask = {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  /** Of the resource, parts escaped: see {@link pathOf}. */
  path: string;
  query?: Query | undefined;
  body?: unknown;
  signal?: AbortSignal | undefined;
};

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** What tells whether something is what it should be; the schemas of the protocol do. */
export type Schema<Value> = {
  safeParse(
    given: unknown,
  ):
    | { success: true; data: Value }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
};

/** For answers without a body. */
export const nothing: Schema<undefined> = { safeParse: () => ({ success: true, data: undefined }) };

/** A path with its parts escaped, so that an id cannot lead elsewhere. */
export function pathOf(base: string, ...parts: string[]): string {
  return [base, ...parts.map((part) => encodeURIComponent(part))].join("/");
}

/** Asks once, and reads the answer through its schema. */
export async function request<Value>(
  connection: Connection,
  ask: Ask,
  schema: Schema<Value>,
): Promise<Answer<Value>> {
  const limit = deadline(connection.limits.requestMaxMs);
  const signal = ask.signal === undefined ? limit.signal : AbortSignal.any([limit.signal, ask.signal]);
  try {
    const response = await send(connection, { ...ask, signal });
    const text = await response.text();
    return response.ok ? read(schema, response.status, text) : readProblem(response.status, text);
  } catch (error) {
    if (ask.signal?.aborted) return failed("aborted", "The request was stopped before its answer came.");
    if (limit.signal.aborted) {
      const seconds = connection.limits.requestMaxMs / 1_000;
      return failed("timed-out", `${connection.url} did not answer within ${seconds} seconds.`);
    }
    return failed("unreachable", `${connection.url} cannot be reached: ${reasonOf(error)}.`);
  } finally {
    limit.callOff();
  }
}

/** Sends a request; rejects as `fetch` does. */
export function send(connection: Connection, ask: Ask & { accept?: string }): Promise<Response> {
  const { method = "GET", body, signal, accept = "application/json" } = ask;
  return connection.fetch(`${connection.url}${ask.path}${search(ask.query)}`, {
    method,
    headers: {
      accept,
      ...(connection.apiKey === undefined ? {} : { authorization: `Bearer ${connection.apiKey}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    // A redirect would hand the key on to where nobody meant it to go.
    redirect: "error",
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Reads the answer of a server that refuses. */
export function readProblem(status: number, text: string): Answer<never> {
  const found = problem.safeParse(parsed(text));
  if (found.success) return { ok: false, problem: found.data };
  return failed(
    "not-understood",
    `The answer is a ${status} that says nothing more; is this an Offhook server?`,
    status,
  );
}

function read<Value>(schema: Schema<Value>, status: number, text: string): Answer<Value> {
  const found = schema.safeParse(parsed(text));
  if (found.success) return { ok: true, value: found.data };
  const [first] = faultsOf(found.error);
  const where = first === undefined || first.path === "" ? "" : ` at ${first.path}`;
  return failed(
    "not-understood",
    `The answer does not fit${where}: ${first?.message ?? "no reason"}.`,
    status,
  );
}

function search(query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}

/** JSON, or `undefined` for what is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a failed `fetch` says; the reason is in the cause, and behind several addresses in its first error. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  if (cause instanceof Error) return cause.message;
  return error.message;
}
