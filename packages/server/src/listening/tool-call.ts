import type { ListenedToolCall, ListenerAnswer } from "@offhook/protocol";
import type { Cancel, Clock } from "../clock.ts";
import { type EgressAnswer, noPhases, type Times } from "../delivery/egress-port.ts";
import { listeningLimits } from "./limits.ts";

/** What came of a tool call at a listener; `untaken`: it was never begun there, so that another may be asked. */
export type Outcome = EgressAnswer | "untaken";

type Phase = "offered" | "taken" | "settled";

/** A tool call at a listener: offered, then taken, then settled. It is settled within its time, whatever happens. */
export class OfferedToolCall {
  readonly call: ListenedToolCall;
  readonly outcome: Promise<Outcome>;
  readonly #clock: Clock;
  readonly #offeredAt: number;
  #phase: Phase = "offered";
  #settle: (outcome: Outcome) => void = () => undefined;
  #callOff: Cancel;

  constructor(clock: Clock, call: ListenedToolCall) {
    this.call = call;
    this.#clock = clock;
    this.#offeredAt = clock.now();
    this.outcome = new Promise((resolve) => (this.#settle = resolve));
    const takeMs = Math.min(listeningLimits.takeMaxMs, call.timeoutMs);
    this.#callOff = clock.after(takeMs, () => this.#end("untaken"));
  }

  /** What the listener says; answers whether it still mattered. */
  hear(answer: ListenerAnswer): boolean {
    if (this.#phase === "settled") return false;
    if (answer.type !== "taken") {
      this.#end(this.#answerOf(answer));
      return true;
    }
    if (this.#phase === "offered") this.#take();
    return true;
  }

  /** The listener has gone. A tool call that it had taken may have been carried out: it is asked nowhere else. */
  lose(): void {
    if (this.#phase === "offered") this.#end("untaken");
    else this.#end(this.#failure("unreachable", "the listener that had taken it has gone"));
  }

  /** Nobody waits for it any more. */
  stop(): void {
    this.#end(this.#failure("stopped", "it is not waited for any more"));
  }

  #take(): void {
    this.#phase = "taken";
    this.#callOff();
    const leftMs = Math.max(0, this.#offeredAt + this.call.timeoutMs - this.#clock.now());
    const late = (): void => this.#end(this.#failure("timed-out", "the listener did not answer in time"));
    this.#callOff = this.#clock.after(leftMs, late);
  }

  #end(outcome: Outcome): void {
    if (this.#phase === "settled") return;
    this.#phase = "settled";
    this.#callOff();
    this.#settle(outcome);
  }

  #answerOf(answer: Exclude<ListenerAnswer, { type: "taken" }>): EgressAnswer {
    if (answer.type === "failed") return this.#failure("unreachable", answer.detail);
    const { status, headers } = answer;
    const body = Buffer.from(answer.body);
    const { answerBytesMax } = listeningLimits;
    if (body.byteLength > answerBytesMax)
      return this.#failure("too-large", `the answer is larger than ${answerBytesMax} bytes`);
    return {
      kind: "answered",
      status,
      headers,
      body,
      truncated: false,
      ...this.#times(),
    };
  }

  #failure(kind: "unreachable" | "timed-out" | "too-large" | "stopped", detail: string): EgressAnswer {
    return { kind, detail, connected: true, ...this.#times() };
  }

  /** Nothing is looked up or opened: the listener is there already. */
  #times(): Times {
    return { elapsedMs: this.#clock.now() - this.#offeredAt, phases: noPhases };
  }
}
