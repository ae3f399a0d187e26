import type { CallId } from "@offhook/protocol";

/**
 * Who goes next: receivers take turns, and none has more than its share under
 * way, so that one that is slow or dead holds up only its own calls. A receiver
 * is an origin (`https://example.org`).
 */
export class Turnstile {
  readonly #waiting = new Map<string, CallId[]>();
  readonly #underWay = new Map<string, number>();
  readonly #shareMax: number;

  /** `shareMax`: attempts under way at one receiver at the same time. */
  constructor(shareMax: number) {
    this.#shareMax = shareMax;
  }

  push(origin: string, callId: CallId): void {
    const queue = this.#waiting.get(origin);
    if (queue === undefined) this.#waiting.set(origin, [callId]);
    else queue.push(callId);
  }

  /** Lets the next call through; `undefined` when none waits whose receiver has room. */
  take(): { origin: string; callId: CallId } | undefined {
    for (const [origin, queue] of this.#waiting) {
      const underWay = this.#underWay.get(origin) ?? 0;
      if (underWay >= this.#shareMax) continue;
      const callId = queue.shift();
      this.#waiting.delete(origin);
      if (callId === undefined) continue;
      // To the end of the line: the other receivers have their turn first.
      if (queue.length > 0) this.#waiting.set(origin, queue);
      this.#underWay.set(origin, underWay + 1);
      return { origin, callId };
    }
    return undefined;
  }

  /** An attempt at this receiver has ended. */
  leave(origin: string): void {
    const left = (this.#underWay.get(origin) ?? 1) - 1;
    if (left === 0) this.#underWay.delete(origin);
    else this.#underWay.set(origin, left);
  }
}
