import { StoreError } from "../../store.ts";
import { isOfOne, refusalOf } from "./refusal.ts";

/** At most this much in one batch, and waiting in all; `bytes` are about. */
type GroupLimits = { jobsMax: number; bytesMax: number; waitingMax: number; batchesMax: number };

const groupLimits: GroupLimits = {
  jobsMax: 500,
  bytesMax: 8 * 2 ** 20,
  waitingMax: 100_000,
  batchesMax: 1,
};

type Job = { callId: string };
type Waiting<Row, Answer> = {
  row: Row;
  resolve: (answer: Answer) => void;
  reject: (error: StoreError) => void;
};

type Parts<Row, Answer> = {
  /** Does them in one transaction; answers each in its place. */
  send: (rows: readonly Row[]) => Promise<(Answer | StoreError)[]>;
  sizeOf: (row: Row) => number;
  limits?: Partial<GroupLimits>;
};

/**
 * While a batch is on its way, what is asked waits, and goes together. A call
 * is in a batch once, and in one batch at a time, in the order in which it
 * asked.
 */
export class GroupCommit<Row extends Job, Answer> {
  readonly #parts: Parts<Row, Answer>;
  readonly #limits: GroupLimits;
  /** What waits, by call; those that were served last come last. */
  readonly #waiting = new Map<string, Waiting<Row, Answer>[]>();
  readonly #onTheirWay = new Set<string>();
  #waitingCount = 0;
  #batches = 0;
  #state: "idle" | "scheduled" | "closed" = "idle";
  #onIdle: (() => void)[] = [];

  constructor(parts: Parts<Row, Answer>) {
    this.#parts = parts;
    this.#limits = { ...groupLimits, ...parts.limits };
  }

  ask(row: Row): Promise<Answer> {
    if (this.#state === "closed")
      return Promise.reject(new StoreError("unavailable", "The store is closed."));
    if (this.#waitingCount >= this.#limits.waitingMax) {
      return Promise.reject(
        new StoreError("unavailable", "The store cannot keep up; slow down and try again."),
      );
    }
    return new Promise((resolve, reject) => {
      const before = this.#waiting.get(row.callId);
      if (before === undefined) this.#waiting.set(row.callId, [{ row, resolve, reject }]);
      else before.push({ row, resolve, reject });
      this.#waitingCount += 1;
      this.#schedule();
    });
  }

  /** Takes nothing more; settles when what was asked is answered. */
  async close(): Promise<void> {
    this.#state = "closed";
    if (this.#batches === 0 && this.#waitingCount === 0) return;
    this.#fill();
    await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** Waits for the end of the turn of the event loop, so that what is asked in it goes together. */
  #schedule(): void {
    if (this.#state !== "idle" || this.#batches >= this.#limits.batchesMax) return;
    this.#state = "scheduled";
    queueMicrotask(() => {
      if (this.#state === "scheduled") this.#state = "idle";
      this.#fill();
    });
  }

  #fill(): void {
    while (this.#batches < this.#limits.batchesMax) {
      const batch = this.#next();
      if (batch.length === 0) break;
      this.#batches += 1;
      void this.#serve(batch);
    }
    if (this.#batches === 0) for (const idle of this.#onIdle.splice(0)) idle();
  }

  async #serve(batch: readonly Waiting<Row, Answer>[]): Promise<void> {
    await this.#send(batch);
    this.#batches -= 1;
    this.#fill();
  }

  #next(): Waiting<Row, Answer>[] {
    const batch: Waiting<Row, Answer>[] = [];
    let bytes = 0;
    for (const [callId, [first]] of this.#waiting) {
      if (batch.length >= this.#limits.jobsMax) break;
      if (first === undefined || this.#onTheirWay.has(callId)) continue;
      bytes += this.#parts.sizeOf(first.row);
      if (batch.length > 0 && bytes > this.#limits.bytesMax) break;
      batch.push(first);
    }
    for (const { row } of batch) this.#take(row.callId);
    return batch;
  }

  #take(callId: string): void {
    const rest = this.#waiting.get(callId)?.slice(1) ?? [];
    this.#waiting.delete(callId);
    if (rest.length > 0) this.#waiting.set(callId, rest);
    this.#onTheirWay.add(callId);
    this.#waitingCount -= 1;
  }

  async #send(batch: readonly Waiting<Row, Answer>[]): Promise<void> {
    const answers = await this.#answersTo(batch.map(({ row }) => row));
    for (const { row } of batch) this.#onTheirWay.delete(row.callId);
    for (const [index, { resolve, reject }] of batch.entries()) {
      const answer = answers[index];
      if (answer === undefined) reject(new StoreError("unavailable", "The database gave no answer."));
      else if (answer instanceof StoreError) reject(answer);
      else resolve(answer);
    }
  }

  /** All together; when the database refuses them all, each alone, so that one fault spoils no other's write. */
  async #answersTo(rows: readonly Row[]): Promise<(Answer | StoreError)[]> {
    try {
      return await this.#parts.send(rows);
    } catch (error) {
      const refusal = refusalOf(error);
      if (rows.length === 1 || !isOfOne(refusal)) return rows.map(() => refusal);
      const answers: (Answer | StoreError)[] = [];
      for (const row of rows) answers.push(...(await this.#answersTo([row])));
      return answers;
    }
  }
}
