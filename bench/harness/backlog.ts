/** Counts what each call has written and not yet settled, and lets writers wait: for room, or for the end. */
export class Backlog {
  readonly #perCallMax: number;
  readonly #ahead = new Map<string, number>();
  readonly #writers = new Map<string, () => void>();
  #all = 0;
  #onEmpty: (() => void) | undefined;

  /** `perCallMax`: how many events of a call may wait before its writer does. */
  constructor(perCallMax: number) {
    this.#perCallMax = perCallMax;
  }

  /** One event is about to be written; settles when its call has room for it. */
  async add(callId: string): Promise<void> {
    while ((this.#ahead.get(callId) ?? 0) >= this.#perCallMax)
      await new Promise<void>((resolve) => this.#writers.set(callId, resolve));
    this.#ahead.set(callId, (this.#ahead.get(callId) ?? 0) + 1);
    this.#all += 1;
  }

  settled(callId: string): void {
    this.#ahead.set(callId, (this.#ahead.get(callId) ?? 1) - 1);
    this.#all -= 1;
    this.#writers.get(callId)?.();
    this.#writers.delete(callId);
    if (this.#all === 0) this.#onEmpty?.();
  }

  /** Settles when everything that was written has been settled. */
  empty(): Promise<void> {
    if (this.#all === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#onEmpty = resolve));
  }
}
