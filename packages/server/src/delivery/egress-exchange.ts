import type { Dispatcher, Pool } from "undici";
import type { Cancel, Clock } from "../clock.ts";
import type { EgressAnswer, EgressRequest } from "./egress-port.ts";
import { type EgressFailure, failureOf, stopped } from "./egress-failure.ts";

/** Beyond an answer's limit so many bytes more are read and dropped, to keep the connection; then it is closed. */
const drainBytesMax = 65_536;

type Headers = Record<string, string | string[] | undefined>;

/** How far it has come: `waiting` for a connection, `sent`, `answering`, `settled`. */
type Phase =
  | { name: "waiting" | "sent" | "settled" }
  | { name: "answering"; status: number; headers: Headers };

/**
 * Sends one request over a pool and reads the answer. Settles once, at the
 * latest when the request's time is over, whatever the pool does.
 */
export function exchange(
  pool: Pool,
  url: URL,
  given: { request: EgressRequest; clock: Clock },
): Promise<EgressAnswer> {
  return new Promise((resolve) => {
    const handler = new Exchange(url, given, resolve);
    const { method, headers, body } = given.request;
    pool.dispatch({ path: url.pathname + url.search, method, headers, body: body ?? null }, handler);
  });
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: EgressRequest;
  readonly #clock: Clock;
  readonly #host: string;
  readonly #resolve: (answer: EgressAnswer) => void;
  readonly #startedAt: number;
  readonly #cancel: Cancel;
  readonly #onAbort = (): void => this.#fail(stopped);
  readonly #kept: Buffer[] = [];
  #phase: Phase = { name: "waiting" };
  #bytes = 0;
  #controller: Dispatcher.DispatchController | undefined;

  constructor(
    url: URL,
    given: { request: EgressRequest; clock: Clock },
    resolve: (answer: EgressAnswer) => void,
  ) {
    this.#request = given.request;
    this.#clock = given.clock;
    this.#host = url.host;
    this.#resolve = resolve;
    this.#startedAt = given.clock.now();
    this.#cancel = given.clock.after(given.request.timeoutMs, () => this.#runOut());
    given.request.signal?.addEventListener("abort", this.#onAbort);
    if (given.request.signal?.aborted) this.#onAbort();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#phase.name === "settled") controller.abort(new Error("given up before it was sent"));
    else this.#phase = { name: "sent" };
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200 || this.#phase.name === "settled") return;
    this.#phase = { name: "answering", status, headers };
    const announced = Number(headers["content-length"] ?? 0);
    if (this.#request.overLimit === "refuse" && announced > this.#request.answerBytesMax)
      this.#fail(this.#tooLarge());
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#phase.name !== "answering") return;
    const room = this.#request.answerBytesMax - this.#bytes;
    this.#bytes += chunk.length;
    if (room > 0) this.#kept.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    if (this.#bytes <= this.#request.answerBytesMax) return;
    if (this.#request.overLimit === "refuse") this.#fail(this.#tooLarge());
    else if (this.#bytes > this.#request.answerBytesMax + drainBytesMax) this.#answer();
  }

  onResponseEnd(): void {
    this.#answer();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(failureOf(error, this.#host));
  }

  #answer(): void {
    if (this.#phase.name !== "answering") return;
    const { status, headers } = this.#phase;
    const [first, second] = this.#kept;
    const body = first !== undefined && second === undefined ? first : Buffer.concat(this.#kept);
    const truncated = this.#bytes > this.#request.answerBytesMax;
    this.#settle({
      kind: "answered",
      status,
      headers: joined(headers),
      body,
      truncated,
      elapsedMs: this.#elapsedMs(),
    });
    if (this.#bytes > this.#request.answerBytesMax + drainBytesMax) this.#abort();
  }

  #runOut(): void {
    const cut = this.#request.overLimit === "cut" && this.#bytes > this.#request.answerBytesMax;
    if (cut) this.#answer();
    else this.#fail(this.#late());
    this.#abort();
  }

  #late(): EgressFailure {
    const limit = `${this.#request.timeoutMs / 1_000} s`;
    if (this.#phase.name === "waiting") {
      const detail = `no connection to ${this.#host} came free or came about within ${limit}`;
      return { kind: "timed-out", detail, connected: false };
    }
    const detail =
      this.#phase.name === "answering"
        ? `the answer (status ${this.#phase.status}) did not end within ${limit}`
        : `there was no answer within ${limit}`;
    return { kind: "timed-out", detail, connected: true };
  }

  #tooLarge(): EgressFailure {
    const detail = `the answer is larger than ${Math.round(this.#request.answerBytesMax / 1_024)} KiB`;
    return { kind: "too-large", detail, connected: true };
  }

  #fail(failure: EgressFailure): void {
    this.#settle({ ...failure, elapsedMs: this.#elapsedMs() });
    this.#abort();
  }

  #settle(answer: EgressAnswer): void {
    if (this.#phase.name === "settled") return;
    this.#phase = { name: "settled" };
    this.#cancel();
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
    this.#resolve(answer);
  }

  #abort(): void {
    this.#controller?.abort(new Error("the answer is no longer wanted"));
  }

  #elapsedMs(): number {
    return this.#clock.now() - this.#startedAt;
  }
}

function joined(headers: Headers): Record<string, string> {
  const flat: [string, string][] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat.push([name, typeof value === "string" ? value : value.join(", ")]);
  }
  return Object.fromEntries(flat);
}
