/** A queue with one reader and a limit that writers can wait for. */
export class Inbox<Item> {
  #items: Item[] = [];
  #reader: ((item: Item) => void) | undefined;
  #writers: (() => void)[] = [];
  readonly #roomMax: number;

  /** `roomMax`: how many items may wait before {@link room} makes writers wait. */
  constructor(roomMax: number) {
    this.#roomMax = roomMax;
  }

  push(item: Item): void {
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader === undefined) this.#items.push(item);
    else reader(item);
  }

  next(): Promise<Item> {
    const [item] = this.#items;
    if (item === undefined) return new Promise((resolve) => (this.#reader = resolve));
    this.#items.shift();
    if (this.#items.length < this.#roomMax) for (const go of this.#writers.splice(0)) go();
    return Promise.resolve(item);
  }

  /** Settles when there is room; nothing to wait for when there is. */
  room(): Promise<void> | undefined {
    if (this.#items.length < this.#roomMax) return undefined;
    return new Promise((resolve) => this.#writers.push(resolve));
  }
}
