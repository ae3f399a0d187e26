import type { CallId } from "@offhook/protocol";
import type { Cancel, Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { LaneRow, Store } from "../store.ts";
import { deliveryLimits } from "./delivery-limits.ts";

export type LookoutParts = { store: Pick<Store, "dueLanes" | "nextDueAt">; clock: Clock; log: Log };

/** Takes a lane that is due; `full` when there is no room for it now. */
export type TakeLane = (row: LaneRow) => "taken" | "full";

/** Watches the store for lanes that are due: at the moment when the next one will be, and whenever it is told to. */
export class Lookout {
  readonly #parts: LookoutParts;
  readonly #take: TakeLane;
  #signal: AbortSignal | undefined;
  #looking: "no" | "once" | "again" = "no";
  #current: Promise<void> = Promise.resolve();
  #timer: Cancel | undefined;
  #timerAt = Number.POSITIVE_INFINITY;

  constructor(parts: LookoutParts, take: TakeLane) {
    this.#parts = parts;
    this.#take = take;
  }

  /** Watches until the signal. */
  begin(signal: AbortSignal): void {
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#timer?.(), { once: true });
    void this.look();
  }

  /** Looks now, and once more if it is asked to while it looks: what it reads may be older than what it was told of. Settles when all is seen. */
  look(): Promise<void> {
    if (this.#looking !== "no") this.#looking = "again";
    else this.#current = this.#lookUntilSeen();
    return this.#current;
  }

  /** Looks at that moment at the latest. */
  lookAt(at: number): void {
    const { clock } = this.#parts;
    const when = Math.min(at, clock.now() + deliveryLimits.lookEveryMs);
    if (this.#signal?.aborted !== false || when >= this.#timerAt) return;
    this.#timer?.();
    this.#timerAt = when;
    this.#timer = clock.after(when - clock.now(), () => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      void this.look();
    });
  }

  /** Looks again in a moment: there was no room, or the store failed. */
  lookSoon(): void {
    this.lookAt(this.#parts.clock.now() + deliveryLimits.storePauseMs);
  }

  async #lookUntilSeen(): Promise<void> {
    do {
      this.#looking = "once";
      await this.#lookOnce();
    } while (this.#isToLookAgain());
    this.#looking = "no";
  }

  #isToLookAgain(): boolean {
    return this.#looking === "again";
  }

  async #lookOnce(): Promise<void> {
    if (this.#signal?.aborted !== false) return;
    const { store, clock, log } = this.#parts;
    const now = clock.now();
    try {
      if (!(await this.#takeDue(now))) return this.lookSoon();
      this.lookAt((await store.nextDueAt({ now })) ?? now + deliveryLimits.lookEveryMs);
    } catch (error) {
      log.error("the store could not say what is due", { error });
      this.lookSoon();
    }
  }

  /** Takes every lane that is due, page by page; answers whether there was room for all. */
  async #takeDue(now: number): Promise<boolean> {
    const limit = deliveryLimits.lanesPerLook;
    let after: { dueAt: number; callId: CallId } | undefined;
    for (;;) {
      const due = await this.#parts.store.dueLanes({ now, limit, ...(after === undefined ? {} : { after }) });
      for (const row of due) if (this.#take(row) === "full") return false;
      const last = due.at(-1);
      if (last === undefined || due.length < limit) return true;
      after = { dueAt: last.dueAt ?? now, callId: last.callId };
    }
  }
}
