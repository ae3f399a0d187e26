import type { EventView } from "@offhook/protocol";

/** So many events may wait for the application; then the server is made to wait. */
const eventsMax = 500;

/** Events on their way from the server to the application, in order. */
export class EventQueue {
  #events: EventView[] = [];
  #isWorking = false;
  #news: (() => void)[] = [];

  /** Puts one in; settles when there is room for the next, or the signal says stop. */
  async push(event: EventView, signal: AbortSignal): Promise<void> {
    this.#events.push(event);
    this.#ring();
    while (this.#events.length >= eventsMax && !signal.aborted) await this.#change(signal);
  }

  /** The next one; `undefined` when the signal says stop. The one before it is done with. */
  async next(signal: AbortSignal): Promise<EventView | undefined> {
    this.#isWorking = false;
    this.#ring();
    for (;;) {
      if (signal.aborted) return undefined;
      const event = this.#events.shift();
      if (event !== undefined) {
        this.#isWorking = true;
        return event;
      }
      await this.#change(signal);
    }
  }

  /** Settles when nothing waits and nothing is worked at. */
  async idle(signal: AbortSignal): Promise<void> {
    while ((this.#events.length > 0 || this.#isWorking) && !signal.aborted) await this.#change(signal);
  }

  #ring(): void {
    for (const tell of this.#news.splice(0)) tell();
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener("abort", done);
        resolve();
      };
      signal.addEventListener("abort", done);
      this.#news.push(done);
    });
  }
}
