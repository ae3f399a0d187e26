/** How many analyses may ask models at once: all of them while few calls are live, one when the server is full. */
export function widthFor(load: { live: number; callsMax: number; analysesMax: number }): number {
  const { live, callsMax, analysesMax } = load;
  // Up to half of its calls the server has room to spare; from there on the live calls take it.
  const room = Math.min(1, Math.max(0, 2 * (1 - live / callsMax)));
  return Math.max(1, Math.floor(analysesMax * room));
}

export type QueueRules = {
  /** How many may run now; asked whenever one could begin. At least 1. */
  width: () => number;
  /** How many may wait; one more is turned away. */
  waitingMax: number;
};

type Waiting = { begin: () => void };

/** Lets analyses begin one after the other as there is room: they must not take it from live calls. */
export class AnalysisQueue {
  readonly #rules: QueueRules;
  readonly #waiting = new Set<Waiting>();
  #running = 0;

  constructor(rules: QueueRules) {
    this.#rules = rules;
  }

  /** Waits for its turn, does the work, and makes room. `turned-away` when too many wait; `given-up` when the signal comes first. */
  async run<Value>(
    signal: AbortSignal,
    work: () => Promise<Value>,
  ): Promise<Value | "turned-away" | "given-up"> {
    if (signal.aborted) return "given-up";
    const turn = await this.#turn(signal);
    if (turn !== "begun") return turn;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#admit();
    }
  }

  #turn(signal: AbortSignal): Promise<"begun" | "turned-away" | "given-up"> {
    if (this.#waiting.size >= this.#rules.waitingMax) return Promise.resolve("turned-away");
    return new Promise((resolve) => {
      const giveUp = (): void => {
        this.#waiting.delete(waiting);
        resolve("given-up");
      };
      const waiting = {
        begin: () => {
          signal.removeEventListener("abort", giveUp);
          resolve("begun");
        },
      };
      signal.addEventListener("abort", giveUp, { once: true });
      this.#waiting.add(waiting);
      this.#admit();
    });
  }

  /** The longest waiting first. */
  #admit(): void {
    for (const waiting of this.#waiting) {
      if (this.#running >= Math.max(1, this.#rules.width())) return;
      this.#waiting.delete(waiting);
      this.#running += 1;
      waiting.begin();
    }
  }
}
