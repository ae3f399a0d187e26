import type { Dispatcher, Pool } from "undici";
import type { Cancel, Clock } from "../clock.ts";
import type { EgressAnswer, EgressRequest, Times } from "./egress-port.ts";
import { type EgressFailure, failureOf, isClosing, stopped } from "./egress-failure.ts";
import { nothingOpened, type Opening, openingOf } from "./egress-opening.ts";
import type { Connection, Passenger } from "./line.ts";

/** Beyond an answer's limit so many bytes more are read and dropped, to keep the connection; then it is closed. */
const drainBytesMax = 65_536;

type Headers = Record<string, string | string[] | undefined>;

/** More interim answers (103 and the like) than this before the real one are given up on. */
const interimMax = 32;

/** A request that may be repeated is sent so often more, at most, when connections turn out to be closed. */
const repeatsMax = 3;

/** How far it has come: `waiting` for a connection, `sent`, `answering`, `settled`. */
type Phase =
  | { name: "waiting" | "settled" }
  | { name: "sent"; at: number; on: "fresh" | "kept" }
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
    new Exchange(pool, url, { ...given, resolve }).send();
  });
}

type Given = { request: EgressRequest; clock: Clock; resolve: (answer: EgressAnswer) => void };

class Exchange implements Dispatcher.DispatchHandler, Passenger {
  readonly #pool: Pool;
  readonly #request: EgressRequest;
  readonly #clock: Clock;
  readonly #url: URL;
  readonly #resolve: (answer: EgressAnswer) => void;
  readonly #startedAt: number;
  readonly #cancel: Cancel;
  readonly #onAbort = (): void => this.#fail(stopped);
  readonly #kept: Buffer[] = [];
  #phase: Phase = { name: "waiting" };
  #bytes = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #connection: Connection | undefined;
  #opening: Opening = nothingOpened;
  #firstByteMs: number | null = null;
  #repeats = 0;
  #interim = 0;

  constructor(pool: Pool, url: URL, given: Given) {
    this.#pool = pool;
    this.#url = url;
    this.#request = given.request;
    this.#clock = given.clock;
    this.#resolve = given.resolve;
    this.#startedAt = given.clock.now();
    this.#cancel = given.clock.after(given.request.timeoutMs, () => this.#runOut());
    given.request.signal?.addEventListener("abort", this.#onAbort);
    if (given.request.signal?.aborted) this.#onAbort();
  }

  send(): void {
    const { method, headers, body = null } = this.#request;
    this.#pool.dispatch({ path: this.#url.pathname + this.#url.search, method, headers, body }, this);
  }

  takes(connection: Connection): void {
    this.#connection = connection;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#phase.name === "settled") return controller.abort(new Error("given up before it was sent"));
    const opening = this.#connection?.firstUse();
    this.#opening = opening ?? nothingOpened;
    this.#phase = { name: "sent", at: this.#clock.now(), on: opening === undefined ? "kept" : "fresh" };
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (this.#phase.name === "settled") return;
    if (status < 200) return this.#countInterim();
    if (this.#phase.name === "sent") this.#firstByteMs = this.#clock.now() - this.#phase.at;
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
    if (this.#mayRepeat(error)) return this.#repeat();
    this.#opening = openingOf(error) ?? this.#opening;
    this.#fail(failureOf(error, this.#url.host));
  }

  /**
   * A connection that had served before and was closed without a byte of an
   * answer: most likely the other side let go of it just as we used it.
   */
  #mayRepeat(error: Error): boolean {
    const isStale = this.#phase.name === "sent" && this.#phase.on === "kept" && isClosing(error);
    return isStale && this.#request.repeatable && this.#repeats < repeatsMax;
  }

  #repeat(): void {
    this.#repeats += 1;
    this.#phase = { name: "waiting" };
    this.#controller = undefined;
    this.send();
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
      ...this.#times(),
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
      const detail = `no connection to ${this.#url.host} came free or came about within ${limit}`;
      return { kind: "timed-out", detail, connected: false };
    }
    const detail =
      this.#phase.name === "answering"
        ? `the answer (status ${this.#phase.status}) did not end within ${limit}`
        : `there was no answer within ${limit}`;
    return { kind: "timed-out", detail, connected: true };
  }

  #countInterim(): void {
    this.#interim += 1;
    if (this.#interim <= interimMax) return;
    const detail = `${this.#url.host} sent more than ${interimMax} interim answers and no final one`;
    this.#fail({ kind: "unreachable", detail, code: "too-many-interim", connected: true });
  }

  #tooLarge(): EgressFailure {
    const detail = `the answer is larger than ${Math.round(this.#request.answerBytesMax / 1_024)} KiB`;
    return { kind: "too-large", detail, connected: true };
  }

  #fail(failure: EgressFailure): void {
    this.#settle({ ...failure, ...this.#times() });
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

  #times(): Times {
    const phases = { ...this.#opening, firstByteMs: this.#firstByteMs };
    return { elapsedMs: this.#clock.now() - this.#startedAt, phases };
  }
}

function joined(headers: Headers): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) flat[name] = typeof value === "string" ? value : value.join(", ");
  }
  return flat;
}
