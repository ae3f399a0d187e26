import { Worker } from "node:worker_threads";
import { type Cancel, type Clock, systemClock } from "../../clock.ts";
import { StoreError } from "../../store.ts";
import type { Job, Outcome } from "./engine.ts";
import { packJobs, unpackOutcomes } from "./parcel.ts";
import { refusalOf } from "./refusal.ts";
import type { Order, Report } from "./worker.ts";

/** A database on a thread of its own; what is asked while it works is done together next: the group commit. */
export type Thread = {
  /** `with-others`: it may wait {@link patienceMs} for another job to go with. */
  ask(job: Job, haste?: "with-others"): Promise<Outcome>;
  /** Moves the write-ahead log into the database; settles when that is done, or the thread has ended. */
  checkpoint(): Promise<void>;
  close(): Promise<void>;
};

/** At most this many jobs in one transaction, and waiting in all. */
const groupMax = 500;
const waitingMax = 100_000;

/** How long a job waits for company that nobody waits for: each group wakes a thread, twice, and is a commit of its own. */
export const patienceMs = 10;

type Waiting = { job: Job; resolve: (outcome: Outcome) => void; reject: (error: Error) => void };

/**
 * Starts two threads side by side, since starting is what takes the time, and
 * opens the database on one after the other: the first brings its tables up to
 * date. Fails with a {@link StoreError} that says what to do.
 */
export async function openThreads(path: string): Promise<{ writer: Thread; reader: Thread }> {
  const first = new Worker(new URL("./worker.ts", import.meta.url));
  const second = new Worker(new URL("./worker.ts", import.meta.url));
  try {
    return { writer: await openOn(first, path), reader: await openOn(second, path) };
  } catch (error) {
    await Promise.all([first.terminate(), second.terminate()]);
    throw error;
  }
}

async function openOn(worker: Worker, path: string): Promise<Thread> {
  const order: Order = { kind: "open", path };
  worker.postMessage(order);
  await opened(worker);
  return runThread(worker, systemClock);
}

/** The thread of a worker that is open. */
export function runThread(worker: Pick<Worker, "on" | "postMessage">, clock: Clock): Thread {
  return new StoreThread(worker, clock);
}

function opened(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (report: Report) => {
      worker.off("error", reject);
      if (report.kind === "ready") return resolve();
      const { message, errcode } =
        report.kind === "failed" ? report : { message: "it did not start", errcode: null };
      reject(refusalOf({ message, ...(errcode === null ? {} : { errcode }) }));
    });
  });
}

class StoreThread implements Thread {
  readonly #worker: Pick<Worker, "on" | "postMessage">;
  readonly #clock: Clock;
  #waiting: Waiting[] = [];
  #asked: Waiting[] = [];
  #state: "idle" | "scheduled" | "busy" | "closed" = "idle";
  /** Who waits for the checkpoint that is wanted, and for the one under way. */
  #checkpointWanted: (() => void)[] = [];
  #checkpointUnderWay: (() => void)[] = [];
  #onClosed: (() => void) | undefined;
  /** Set while all that waits is patient. */
  #patience: Cancel | undefined;

  constructor(worker: Pick<Worker, "on" | "postMessage">, clock: Clock) {
    this.#worker = worker;
    this.#clock = clock;
    worker.on("message", (report: Report) => this.#hear(report));
    worker.on("error", (error: unknown) => this.#break(error));
    worker.on("exit", () => this.#break(new Error("the store's thread has ended")));
  }

  ask(job: Job, haste?: "with-others"): Promise<Outcome> {
    if (this.#state === "closed")
      return Promise.reject(new StoreError("unavailable", "The store is closed."));
    if (this.#waiting.length >= waitingMax) {
      return Promise.reject(
        new StoreError("unavailable", "The store cannot keep up; slow down and try again."),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      if (haste === undefined) this.#schedule();
      else if (this.#state === "idle")
        this.#patience ??= this.#clock.after(patienceMs, () => this.#schedule());
    });
  }

  checkpoint(): Promise<void> {
    if (this.#state === "closed") return Promise.resolve();
    return new Promise((resolve) => {
      this.#checkpointWanted.push(resolve);
      this.#schedule();
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#state === "closed") return resolve();
      this.#onClosed = resolve;
      this.#schedule();
    });
  }

  /** Waits for the end of the turn of the event loop, so that what is asked in it goes together. */
  #schedule(): void {
    if (this.#state !== "idle") return;
    this.#state = "scheduled";
    queueMicrotask(() => this.#send());
  }

  #send(): void {
    if (this.#state === "closed") return;
    this.#patience?.();
    this.#patience = undefined;
    if (this.#checkpointWanted.length > 0) {
      this.#checkpointUnderWay = this.#checkpointWanted.splice(0);
      return this.#order({ kind: "checkpoint" });
    }
    this.#asked = this.#waiting.splice(0, groupMax);
    if (this.#asked.length > 0)
      return this.#order({ kind: "jobs", jobs: packJobs(this.#asked.map(({ job }) => job)) });
    if (this.#onClosed !== undefined) return this.#order({ kind: "close" });
    this.#state = "idle";
  }

  #order(order: Order): void {
    this.#state = "busy";
    this.#worker.postMessage(order);
  }

  #hear(report: Report): void {
    if (report.kind === "outcomes") {
      const jobs = this.#asked.map(({ job }) => job);
      const outcomes = unpackOutcomes(jobs, report.outcomes);
      for (const [index, outcome] of outcomes.entries()) this.#asked[index]?.resolve(outcome);
      this.#asked = [];
    } else for (const done of this.#checkpointUnderWay.splice(0)) done();
    this.#send();
  }

  #break(error: unknown): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#patience?.();
    const refusal = new StoreError(
      "unavailable",
      `The store has stopped: ${error instanceof Error ? error.message : "its thread failed"}`,
    );
    for (const { reject } of [...this.#asked, ...this.#waiting]) reject(refusal);
    this.#asked = [];
    this.#waiting = [];
    for (const done of [...this.#checkpointUnderWay.splice(0), ...this.#checkpointWanted.splice(0)]) done();
    this.#onClosed?.();
  }
}
