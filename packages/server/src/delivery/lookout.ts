import type { CallId } from "@offhook/protocol";
import type { Cancel, Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { LaneRow, Store } from "../store.ts";
import { deliveryLimits } from "./delivery-limits.ts";

export type LookoutParts = { store: Pick<Store, "dueLanes" | "nextDueAt">; clock: Clock; log: Log };

/** Takes a lane that is due; `full` when there is no room for it now. */
export type TakeLane = (row: LaneRow) => "taken" | "full";

/** What a look reads: lanes that came due since the last one, or all that are due. */
type Look = "news" | "all";

/**
 * Watches the store for lanes that are due: at the moment when the next one
 * will be, and whenever it is told to. Mostly it reads only what has come due
 * since it last looked, so that lanes that wait for their receiver are not
 * read over and over.
 */
export class Lookout {
  readonly #parts: LookoutParts;
  readonly #take: TakeLane;
  #signal: AbortSignal | undefined;
  #looking: "no" | "once" | "again" = "no";
  #next: Look = "all";
  #current: Promise<void> = Promise.resolve();
  #timer: Cancel | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  /** Lanes that were let go while a page was being read: what the page says of them may be older. */
  readonly #left = new Set<CallId>();
  /** Until when everything that was due has been read. */
  #seenTo = 0;
  #allSeenAt = 0;

  constructor(parts: LookoutParts, take: TakeLane) {
    this.#parts = parts;
    this.#take = take;
  }

  /** Watches until the signal. */
  begin(signal: AbortSignal): void {
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#timer?.(), { once: true });
    void this.lookAtAll();
  }

  /** Looks through all that is due now. Settles when all is seen. */
  lookAtAll(): Promise<void> {
    this.#next = "all";
    return this.#look();
  }

  /** A lane has been let go, with all that is known of it in the store. */
  left(callId: CallId): void {
    if (this.#looking !== "no") this.#left.add(callId);
  }

  /** Looks at that moment at the latest. */
  lookAt(at: number): void {
    // What came due before the last look may have been written after it.
    if (at <= this.#seenTo) this.#next = "all";
    const { clock } = this.#parts;
    const when = Math.min(at, clock.now() + deliveryLimits.lookEveryMs);
    if (this.#signal?.aborted !== false || when >= this.#timerAt) return;
    this.#timer?.();
    this.#timerAt = when;
    this.#timer = clock.after(when - clock.now(), () => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      void this.#look();
    });
  }

  /** Looks through all in a moment: there was no room, or the store failed. */
  lookSoon(): void {
    this.#lookAllIn(deliveryLimits.storePauseMs);
  }

  /** Fetches more for a receiver that has room again; without haste for one that does not answer. */
  refill(isSilent: boolean): void {
    this.#lookAllIn(isSilent ? deliveryLimits.storePauseMs : deliveryLimits.refillPauseMs);
  }

  #lookAllIn(delayMs: number): void {
    this.#next = "all";
    this.lookAt(this.#parts.clock.now() + delayMs);
  }

  /** Once more if it is asked to while it looks: what it reads may be older than what it was told of. */
  #look(): Promise<void> {
    if (this.#looking !== "no") this.#looking = "again";
    else this.#current = this.#lookUntilSeen();
    return this.#current;
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
    const look = now - this.#allSeenAt >= deliveryLimits.lookEveryMs ? "all" : this.#next;
    this.#next = "news";
    try {
      if (!(await this.#takeDue(now, look))) return this.lookSoon();
      this.#seenTo = now;
      if (look === "all") this.#allSeenAt = now;
      this.lookAt((await store.nextDueAt({ now })) ?? now + deliveryLimits.lookEveryMs);
    } catch (error) {
      log.error("the store could not say what is due", { error });
      this.lookSoon();
    }
  }

  /** Takes every lane that is due, page by page; answers whether there was room for all. */
  async #takeDue(now: number, look: Look): Promise<boolean> {
    const limit = deliveryLimits.lanesPerLook;
    const from = this.#seenTo - deliveryLimits.lookBackMs;
    let after: { dueAt: number; callId: string } | undefined =
      look === "all" ? undefined : { dueAt: from, callId: "" };
    for (;;) {
      this.#left.clear();
      const due = await this.#parts.store.dueLanes({ now, limit, ...(after === undefined ? {} : { after }) });
      for (const row of due) if (!this.#left.has(row.callId) && this.#take(row) === "full") return false;
      const last = due.at(-1);
      if (last === undefined || due.length < limit) return true;
      after = { dueAt: last.dueAt ?? now, callId: last.callId };
    }
  }
}
