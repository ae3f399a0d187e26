/** Bytes that may wait for their reader before the sender is held back. */
const waitingBytesMax = 65_536;

/** Bytes as they come; one reader. Whoever leaves midway is owed nothing more. */
export type Parts = AsyncIterable<Uint8Array> & {
  push(part: Uint8Array): void;
  end(): void;
  fail(error: Error): void;
};

/** Who sends the bytes: can be held back, and told that nobody reads any more. */
type Sender = { pause(): void; resume(): void; abort(reason: Error): void };

type Ending = { kind: "ended" } | { kind: "failed"; error: Error };

/** Opens a way for bytes from `sender` to a reader. */
export function openParts(sender: Sender): Parts {
  return new WaitingParts(sender);
}

/** An answer that is in no web stream: its body is read from `parts`, as it comes. */
export type DirectAnswer = {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: { get(name: string): string | null };
  readonly parts: AsyncIterable<Uint8Array>;
};

/** An answer of whichever `fetch`: of ours, or of the web's. */
export type Answer = DirectAnswer | Response;

/** The bytes of an answer. They are read once. */
export function partsOf(answer: Answer): AsyncIterable<Uint8Array> {
  return "parts" in answer ? answer.parts : (answer.body ?? nothing());
}

/** Lets go of an answer that nobody wants to read. */
export async function dropBody(answer: Answer): Promise<void> {
  await partsOf(answer)[Symbol.asyncIterator]().return?.();
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

type Reader = { resolve: (result: IteratorResult<Uint8Array>) => void; reject: (error: unknown) => void };

class WaitingParts implements Parts, AsyncIterator<Uint8Array> {
  readonly #sender: Sender;
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #ending: Ending | undefined;
  #reader: Reader | undefined;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this;
  }

  push(part: Uint8Array): void {
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      return reader.resolve({ value: part, done: false });
    }
    this.#waiting.push(part);
    this.#bytes += part.byteLength;
    if (this.#bytes > waitingBytesMax) this.#sender.pause();
  }

  end(): void {
    this.#ending ??= { kind: "ended" };
    this.#reader?.resolve({ value: undefined, done: true });
  }

  fail(error: Error): void {
    this.#ending ??= { kind: "failed", error };
    this.#reader?.reject(error);
  }

  /** All that waits at once: who reads is seldom behind, and then by several parts. */
  next(): Promise<IteratorResult<Uint8Array>> {
    const [first, second] = this.#waiting;
    if (first !== undefined) {
      const value = second === undefined ? first : Buffer.concat(this.#waiting);
      this.#waiting = [];
      if (this.#bytes > waitingBytesMax) this.#sender.resume();
      this.#bytes = 0;
      return Promise.resolve({ value, done: false });
    }
    const ending = this.#ending;
    if (ending === undefined) return new Promise((resolve, reject) => (this.#reader = { resolve, reject }));
    return ending.kind === "ended"
      ? Promise.resolve({ value: undefined, done: true })
      : Promise.reject(ending.error);
  }

  /** The reader leaves: what is still to come is not wanted. */
  return(): Promise<IteratorResult<Uint8Array>> {
    if (this.#ending === undefined) this.#sender.abort(new Error("the answer is no longer wanted"));
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }
}
