import { type Clock, timedOut, within } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Random } from "../random.ts";
import type { NodeNote, Nodes } from "../store.ts";

/** How long a node is there without a word of it. A third of it passes between two words. */
export const leaseMs = 3_000;
const renewEveryMs = leaseMs / 3;
/** A store that was slow is asked again after this. */
const renewAgainMs = 100;

export type LeaseParts = {
  store: Pick<Nodes, "keepLease" | "dropLease">;
  /** Goes on evenly, whatever becomes of the time of day. */
  steady: Clock;
  random: Random;
  log: Log;
  /** What others are to know of this node now. */
  describe: () => Omit<NodeNote, "nodeId">;
};

/** What a lease tells the one who keeps it. */
export type LeaseNews = {
  /** Others may soon hold what this node holds: let go of it now, without a word. */
  adrift: () => void;
  /** A lease runs again, as another node. */
  begun: () => void;
  /** What the store's clock says, give or take so many ms. */
  time: (now: number, doubtMs: number) => void;
};

export type Lease = {
  /** The id of the node that this process is now. */
  readonly nodeId: string;
  /** Whether the lease runs, as far as can be known here. */
  readonly holds: boolean;
  /** Tells the others at once what has changed here. */
  renew(): Promise<void>;
  /** Ends it: what the node held is free. */
  end(): Promise<void>;
};

/** Begins a lease, and keeps it. Fails when the store does not answer. */
export async function keepLease(parts: LeaseParts, news: LeaseNews): Promise<Lease> {
  const lease = new LeaseKeeper(parts, news);
  await lease.begin();
  return lease;
}

class LeaseKeeper implements Lease {
  readonly #parts: LeaseParts;
  readonly #news: LeaseNews;
  #state: "holds" | "adrift" | "ended" = "adrift";
  #nodeId: string;
  #runsOut = () => {};
  #next = () => {};
  #renewing: Promise<void> = Promise.resolve();

  constructor(parts: LeaseParts, news: LeaseNews) {
    this.#parts = parts;
    this.#news = news;
    this.#nodeId = parts.random.uuid();
  }

  get nodeId(): string {
    return this.#nodeId;
  }

  get holds(): boolean {
    return this.#state === "holds";
  }

  async begin(): Promise<void> {
    const { store, steady, describe } = this.#parts;
    const askedAt = steady.now();
    const { now } = await store.keepLease({ ...describe(), nodeId: this.#nodeId, leaseMs });
    this.#hold(askedAt, now);
    this.#renewIn(renewEveryMs);
  }

  renew(): Promise<void> {
    this.#renewing = this.#renewing.then(() => this.#renew());
    return this.#renewing;
  }

  async end(): Promise<void> {
    this.#state = "ended";
    this.#runsOut();
    this.#next();
    await within(this.#parts.steady, renewEveryMs, this.#renewing);
    await within(this.#parts.steady, renewEveryMs, this.#parts.store.dropLease()).catch((error: unknown) =>
      this.#parts.log.warn("the node's lease was not ended; it runs out by itself", { error }),
    );
  }

  #renewIn(delayMs: number): void {
    const { steady } = this.#parts;
    this.#next = steady.after(delayMs, () => {
      const askedAt = steady.now();
      void this.renew().finally(() => {
        const passedMs = steady.now() - askedAt;
        if (this.#state !== "ended") this.#renewIn(Math.max(renewEveryMs - passedMs, renewAgainMs));
      });
    });
  }

  async #renew(): Promise<void> {
    if (this.#state === "ended") return;
    const { store, steady, describe } = this.#parts;
    const askedAt = steady.now();
    const nodeId = this.#nodeId;
    const asked = store.keepLease({ ...describe(), nodeId, leaseMs });
    const answer = await within(steady, renewEveryMs, asked).catch((): typeof timedOut => timedOut);
    if (this.#isEnded() || answer === timedOut || nodeId !== this.#nodeId) return;
    if (answer.lease === "lapsed") return this.#lapse();
    const before = this.#state;
    this.#hold(askedAt, answer.now);
    if (before === "adrift") this.#beginAnew();
  }

  /** Asked apart, since it may have ended while the store was asked. */
  #isEnded(): boolean {
    return this.#state === "ended";
  }

  /** By this node's own clock the lease ends no later than by the store's: that one began to count after it was asked. */
  #hold(askedAt: number, now: number | null): void {
    const { steady } = this.#parts;
    const waitedMs = steady.now() - askedAt;
    this.#state = "holds";
    this.#runsOut();
    this.#runsOut = steady.after(leaseMs - waitedMs, () => this.#drift());
    if (now !== null) this.#news.time(now + waitedMs / 2, waitedMs / 2);
  }

  #lapse(): void {
    if (this.#state === "holds") return this.#drift();
    // An id whose lease ran out unheard is of no use either.
    this.#nodeId = this.#parts.random.uuid();
  }

  #drift(): void {
    this.#runsOut();
    if (this.#state !== "holds") return;
    this.#state = "adrift";
    this.#parts.log.error("this node is adrift: it lets go of its calls until the store answers", {
      nodeId: this.#nodeId,
    });
    // Whoever goes on is another node: of what this one held, others may have some.
    this.#nodeId = this.#parts.random.uuid();
    this.#news.adrift();
  }

  #beginAnew(): void {
    this.#parts.log.warn("this node is there again, as another", { nodeId: this.#nodeId });
    this.#news.begun();
  }
}
