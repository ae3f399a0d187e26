import { Agent, type Dispatcher, getGlobalDispatcher } from "undici";
import { DirectResponse, openParts, type Parts } from "./parts.ts";
import type { Fetch } from "./transport.ts";

/** How long a connection is kept for the next turn, if its server does not say: as long as people think. */
const keepAliveMs = 60_000;

/** The highest status of an answer (RFC 9110, 15). What is thrown for another ends the request. */
const statusMax = 599;

/** Connections to the operator's own model servers. Node's, if it was told of a proxy (`NODE_USE_ENV_PROXY`). */
export function openModelDispatcher(): Dispatcher {
  const ofNode = getGlobalDispatcher();
  return ofNode instanceof Agent ? new Agent({ keepAliveTimeout: keepAliveMs }) : ofNode;
}

/**
 * A `fetch` for the openai client that is as little as it needs: a body of
 * text, an answer without web streams, compression or redirects. A turn costs
 * half of what it costs with Node's own.
 */
export function directFetch(dispatcher: Dispatcher): Fetch {
  return (input, { method = "GET", headers, body = null, signal = null } = {}) => {
    if (input instanceof Request) throw new TypeError("the direct fetch takes a URL, not a Request");
    if (body !== null && typeof body !== "string")
      throw new TypeError("the direct fetch takes a body of text");
    const { origin, pathname, search } = new URL(input);
    const sent = { "accept-encoding": "identity", ...Object.fromEntries(new Headers(headers)) };
    return new Promise((resolve, reject) => {
      const exchange = new Exchange({ resolve, reject, signal });
      dispatcher.dispatch(
        { origin, path: `${pathname}${search}`, method: methodOf(method), headers: sent, body },
        exchange,
      );
    });
  };
}

function methodOf(method: string): "GET" | "POST" {
  if (method === "GET" || method === "POST") return method;
  throw new TypeError(`the direct fetch knows GET and POST, not ${method}`);
}

type Settle = {
  resolve: (response: Response) => void;
  reject: (error: unknown) => void;
  signal: AbortSignal | null;
};

/** One request and its answer; a signal ends it wherever it is. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #settle: Settle;
  readonly #onAbort = (): void => this.#abort();
  #controller: Dispatcher.DispatchController | undefined;
  #parts: Parts | undefined;

  constructor(settle: Settle) {
    this.#settle = settle;
    settle.signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (settle.signal?.aborted) this.#onAbort();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settle.signal?.aborted) this.#abort();
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    if (status > statusMax) throw new RangeError(`an answer cannot have the status ${status}`);
    this.#parts = openParts(controller);
    this.#settle.resolve(new DirectResponse(this.#parts, { status, headers: pairsOf(headers) }));
  }

  onResponseData(_controller: Dispatcher.DispatchController, part: Uint8Array): void {
    this.#parts?.push(part);
  }

  onResponseEnd(): void {
    this.#parts?.end();
    this.#letGo();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#parts?.fail(error);
    this.#settle.reject(error);
    this.#letGo();
  }

  #abort(): void {
    const reason: unknown = this.#settle.signal?.reason;
    const error = reason instanceof Error ? reason : new Error("the request was called off");
    this.#settle.reject(error);
    this.#controller?.abort(error);
  }

  #letGo(): void {
    this.#settle.signal?.removeEventListener("abort", this.#onAbort);
  }
}

function pairsOf(headers: Record<string, string | string[] | undefined>): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, typeof value === "string" ? value : value.join(", ")]],
  );
}
