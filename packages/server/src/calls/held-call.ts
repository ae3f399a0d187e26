import type { CallId, TeamId } from "@offhook/protocol";
import { sleep } from "../clock.ts";
import type { TakenCall } from "../store.ts";
import type { CallJournal } from "./journal.ts";
import { isAnothers } from "./lost.ts";
import { type CallToRun, runCall, type RunningCall, type RunParts } from "./run-call.ts";
import { canMove, takeUpCall, type TakenUp, type TakeUpParts } from "./take-up.ts";

export type HoldParts = RunParts & TakeUpParts;

/** How a call is not held any more: it is finished and to be reported, or it is somebody else's. */
export type Held = { kind: "finished"; journal: CallJournal; over: Promise<void> } | { kind: "gone" };

/** So long between two attempts to go on with a call whose store does not answer. */
const retryMs = 1_000;

/** A call of this server. When its shell breaks off, it is taken up again in the same process, as soon as the store answers. */
export class HeldCall {
  readonly teamId: TeamId;
  readonly callId: CallId;
  readonly end: Promise<Held>;
  readonly #parts: HoldParts;
  readonly #taken: TakenCall;
  readonly #gone = new AbortController();
  #call: CallToRun | undefined;
  #running: RunningCall | undefined;

  /** Holds a call that goes on, or one that is still to be taken up; lets go of it with the signal, unless it runs. */
  constructor(
    parts: HoldParts,
    given: { taken: TakenCall; first: TakenUp | undefined; signal: AbortSignal },
  ) {
    this.#parts = parts;
    this.#taken = given.taken;
    this.teamId = given.taken.teamId;
    this.callId = given.taken.callId;
    this.end = this.#keep(given.first, AbortSignal.any([given.signal, this.#gone.signal]));
  }

  /** Its shell; undefined while it waits to be taken up. */
  get running(): RunningCall | undefined {
    return this.#running;
  }

  /** Lets go of it between two steps, for another server to take; answers whether it did. */
  async letGo(): Promise<boolean> {
    if (this.#call !== undefined && !canMove(this.#call.openChannel)) return false;
    const isLeft = (await this.#running?.leave()) ?? true;
    if (isLeft) this.#gone.abort();
    return isLeft;
  }

  /** Forgets it at once: nothing more of it is written or done. */
  drop(): void {
    this.#gone.abort();
    this.#call?.journal.close();
    this.#running?.drop();
  }

  async #keep(first: TakenUp | undefined, signal: AbortSignal): Promise<Held> {
    for (let next = first; ; next = undefined) {
      next ??= await this.#untilTakenUp(signal);
      if (next === undefined) return { kind: "gone" };
      if (next.kind === "finished") return { ...next, over: Promise.resolve() };
      const running = runCall(this.#parts, next.call);
      this.#call = next.call;
      this.#running = running;
      const end = await running.finished;
      if (end.kind === "finished")
        return { kind: "finished", journal: next.call.journal, over: running.over };
      this.#running = undefined;
      if (end.kind === "left" || isAnothers(end.error)) return { kind: "gone" };
      this.#parts.log.error("a call stopped inside the server; it is taken up again", {
        callId: this.callId,
        error: end.error,
      });
    }
  }

  /** Undefined when it is let go of, or another server has it. */
  async #untilTakenUp(signal: AbortSignal): Promise<TakenUp | undefined> {
    const { clock, log } = this.#parts;
    const { callId } = this;
    for (;;) {
      if (signal.aborted) return undefined;
      try {
        const taken = await takeUpCall(this.#parts, this.#taken);
        return signal.aborted ? undefined : taken;
      } catch (error) {
        if (isAnothers(error)) return undefined;
        log.error("a call cannot be taken up; it will be tried again", { callId, error });
      }
      await sleep(clock, retryMs, signal);
    }
  }
}
