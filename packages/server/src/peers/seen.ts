import type { Clock } from "../clock.ts";

/** Remembers what was seen for at least so long, and for twice as long at the most: two sets take turns. */
export class Seen {
  readonly #clock: Clock;
  readonly #keepMs: number;
  #young = new Set<string>();
  #old = new Set<string>();
  #turnedAt: number;

  constructor(clock: Clock, keepMs: number) {
    this.#clock = clock;
    this.#keepMs = keepMs;
    this.#turnedAt = clock.now();
  }

  /** Whether it is new; from now on it is not. */
  isNew(id: string): boolean {
    this.#turn();
    if (this.#young.has(id) || this.#old.has(id)) return false;
    this.#young.add(id);
    return true;
  }

  #turn(): void {
    const now = this.#clock.now();
    if (now - this.#turnedAt < this.#keepMs) return;
    this.#old = now - this.#turnedAt < 2 * this.#keepMs ? this.#young : new Set();
    this.#young = new Set();
    this.#turnedAt = now;
  }
}
