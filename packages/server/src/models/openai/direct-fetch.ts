import { Agent, type Dispatcher, getGlobalDispatcher } from "undici";
import { type DirectAnswer, openParts, type Parts } from "./parts.ts";
import type { Fetch } from "./transport.ts";

/** How long a connection is kept for the next turn, if its server does not say: as long as people think. */
const keepAliveMs = 60_000;

/** The highest status of an answer (RFC 9110, 15). What is thrown for another ends the request. */
const statusMax = 599;

/**
 * Connections to the operator's own model servers. Node's, if it was told of a
 * proxy (`NODE_USE_ENV_PROXY`). Its usual one is not kept: it is of the undici
 * within Node, another class of the same name, that lets go after 4 s.
 */
export function openModelDispatcher(): Dispatcher {
  const ofNode = getGlobalDispatcher();
  const isUsual = ofNode.constructor.name === Agent.name;
  return isUsual ? new Agent({ keepAliveTimeout: keepAliveMs }) : ofNode;
}

/**
 * A `fetch` for a model server that is as little as it needs: a body of text,
 * an answer without web streams, compression or redirects. A turn costs half
 * of what it costs with Node's own.
 */
export function directFetch(dispatcher: Dispatcher): Fetch {
  return ({ origin, pathname, search }, { method, headers, body, signal }) => {
    const sent = { "accept-encoding": "identity", ...headers };
    return new Promise((resolve, reject) => {
      const exchange = new Exchange({ resolve, reject, signal });
      dispatcher.dispatch({ origin, path: `${pathname}${search}`, method, headers: sent, body }, exchange);
    });
  };
}

type Settle = {
  resolve: (answer: DirectAnswer) => void;
  reject: (error: unknown) => void;
  signal: AbortSignal;
};

type Headers = Record<string, string | string[] | undefined>;

/** One request and its answer; a signal ends it wherever it is. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #settle: Settle;
  readonly #onAbort = (): void => this.#abort();
  #controller: Dispatcher.DispatchController | undefined;
  #parts: Parts | undefined;

  constructor(settle: Settle) {
    this.#settle = settle;
    settle.signal.addEventListener("abort", this.#onAbort, { once: true });
    if (settle.signal.aborted) this.#onAbort();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settle.signal.aborted) this.#abort();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200) return;
    if (status > statusMax) throw new RangeError(`an answer cannot have the status ${status}`);
    this.#parts = openParts(controller);
    this.#settle.resolve({ status, headers: { get: (name) => valueOf(headers[name]) }, parts: this.#parts });
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
    const reason: unknown = this.#settle.signal.reason;
    const error = reason instanceof Error ? reason : new Error("the request was called off");
    this.#settle.reject(error);
    this.#controller?.abort(error);
  }

  #letGo(): void {
    this.#settle.signal.removeEventListener("abort", this.#onAbort);
  }
}

function valueOf(value: Headers[string]): string | null {
  return typeof value === "object" ? value.join(", ") : (value ?? null);
}
