import { faultsOf, problem } from "@offhook/protocol";
import { type Answer, failed } from "./answer.ts";
import { deadline, systemNow } from "./clock.ts";
import type { Limits } from "./limits.ts";
import type { SocketMaker } from "./socket.ts";
import { retryAfterOf, type Tried, withRetries } from "./retry.ts";

/** Where the server is, who asks, and how. */
export type Connection = {
  /** Without a slash at the end. */
  url: string;
  /** None in a page of the server's own, whose cookie stands for one. */
  apiKey?: string;
  fetch: typeof fetch;
  WebSocket: SocketMaker | undefined;
  limits: Limits;
};

export type Ask = {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  /** Of the resource, parts escaped: see {@link pathOf}. */
  path: string;
  query?: Query | undefined;
  body?: unknown;
  /** Makes the server do it once, however often it is asked with the same key. */
  idempotencyKey?: string | undefined;
  /** Whether doing it twice does no more than doing it once, where that is not said by the method or a key. */
  countsOnce?: boolean;
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

/** Asks, again where that is safe, and reads the answer through its schema. */
export function request<Value>(
  connection: Connection,
  ask: Ask,
  schema: Schema<Value>,
): Promise<Answer<Value>> {
  const { limits } = connection;
  const isRepeatable =
    (ask.method ?? "GET") === "GET" || ask.idempotencyKey !== undefined || ask.countsOnce === true;
  return withRetries(() => askOnce(connection, ask, schema), { limits, isRepeatable, signal: ask.signal });
}

async function askOnce<Value>(
  connection: Connection,
  ask: Ask,
  schema: Schema<Value>,
): Promise<Tried<Value>> {
  const limit = deadline(connection.limits.requestMaxMs);
  const signal = ask.signal === undefined ? limit.signal : AbortSignal.any([limit.signal, ask.signal]);
  try {
    const response = await send(connection, { ...ask, signal });
    const text = await response.text();
    const answer = response.ok ? read(schema, response.status, text) : readProblem(response.status, text);
    return { answer, retryAfterMs: retryAfterOf(response.headers.get("retry-after"), systemNow()) };
  } catch (error) {
    const isOver = limit.signal.aborted && !ask.signal?.aborted;
    return { answer: isOver ? tooLate(connection) : notAnswered(connection, ask, error), retryAfterMs: null };
  } finally {
    limit.callOff();
  }
}

function tooLate({ url, limits }: Connection): Answer<never> {
  return failed("timed-out", `${url} did not answer within ${limits.requestMaxMs / 1_000} seconds.`);
}

function notAnswered({ url }: Connection, { signal }: Ask, error: unknown): Answer<never> {
  if (signal?.aborted) return failed("aborted", "The request was stopped before its answer came.");
  return failed("unreachable", `${url} cannot be reached: ${reasonOf(error)}.`);
}

/** Sends a request; rejects as `fetch` does. */
export function send(connection: Connection, ask: Ask & { accept?: string }): Promise<Response> {
  const { method = "GET", body, signal, idempotencyKey, accept = "application/json" } = ask;
  return connection.fetch(`${connection.url}${ask.path}${search(ask.query)}`, {
    method,
    headers: {
      accept,
      ...(connection.apiKey === undefined ? {} : { authorization: `Bearer ${connection.apiKey}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
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
