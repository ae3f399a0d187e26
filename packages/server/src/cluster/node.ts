import type { CallId } from "@offhook/protocol";
import type { Bus } from "../bus.ts";
import { type Clock, sleep } from "../clock.ts";
import type { Log } from "../log.ts";
import type { NodeRole, Store } from "../store.ts";
import { Strays } from "./strays.ts";
import { keepLease, type Lease, type LeaseParts } from "./lease.ts";

/** So often a node looks for calls and lanes that nobody holds, whatever it hears. */
const takeEveryMs = 1_000;
/** So often it looks for calls that are its own and that it does not know. */
const straysEveryMs = 10_000;

/** What of the calls a node needs; `calls/` has it. */
type HeldCalls = {
  readonly live: number;
  readonly takesCalls: boolean;
  /** Takes what nobody holds any more. */
  takeOver(): Promise<void>;
  /** Whether it holds a call, or has something left to do for it. */
  knows(callId: CallId): boolean;
  /** Lets go of what another can go on with, between two steps. */
  letGo(): Promise<CallId[]>;
  /** Forgets all at once, and writes nothing. */
  drop(): void;
};

type HeldLanes = { letGo(): void; goOn(): void; wake(): void };

export type NodeParts = Pick<LeaseParts, "steady" | "random"> & {
  store: Store;
  bus: Bus;
  clock: Clock;
  log: Log;
  roles: readonly NodeRole[];
  /** Where the other nodes reach this one; empty until it listens. */
  url: () => string;
  calls: HeldCalls;
  delivery: HeldLanes;
  /** What the store's clock says, give or take so many ms. */
  setTime: (now: number, doubtMs: number) => void;
  /** From now on this process is that node, and asked as such. */
  standAs: (nodeId: string) => void;
};

/** This process among those that share its store. */
export type ClusterNode = {
  /** Whether its lease runs; without one it can do no work. */
  readonly holds: boolean;
  readonly nodeId: string;
  /** Tells the others what has changed: that it listens, that it takes no more calls. */
  tell(): Promise<void>;
  /** Whether there is another node for this: of those that hold calls, one that takes more. */
  hasOther(role: NodeRole): Promise<boolean>;
  /** Hands over what can be handed over, for another to go on with it. */
  handOver(): Promise<void>;
  /** Leaves: what is still held is free. */
  leave(): Promise<void>;
};

/** Joins the others: from here on this process holds a lease, and takes what nobody holds. */
export async function joinNodes(parts: NodeParts): Promise<ClusterNode> {
  const node = new Node(parts);
  await node.join();
  return node;
}

class Node implements ClusterNode {
  readonly #parts: NodeParts;
  readonly #left = new AbortController();
  readonly #strays: Strays;
  #lease: Lease | undefined;
  #looking: "no" | "once" | "again" = "no";
  #current: Promise<void> = Promise.resolve();

  constructor(parts: NodeParts) {
    this.#parts = parts;
    this.#strays = new Strays({ ...parts, knows: (callId) => parts.calls.knows(callId) });
  }

  get holds(): boolean {
    return this.#lease?.holds ?? !this.#parts.store.isShared;
  }

  get nodeId(): string {
    return this.#lease?.nodeId ?? "";
  }

  async join(): Promise<void> {
    const { store, calls, delivery, setTime, bus, standAs } = this.#parts;
    // Alone it holds everything, however long it sleeps.
    if (!store.isShared) return;
    this.#lease = await keepLease(
      { ...this.#parts, describe: () => this.#describe() },
      {
        adrift: () => {
          calls.drop();
          delivery.letGo();
        },
        begun: () => {
          standAs(this.nodeId);
          delivery.goOn();
          void this.#look();
        },
        time: setTime,
      },
    );
    standAs(this.nodeId);
    const stop = bus.onWake(() => void this.#look());
    this.#left.signal.addEventListener("abort", stop, { once: true });
    void this.#again(takeEveryMs, () => this.#look());
    void this.#again(straysEveryMs, () => this.#lookForStrays());
  }

  tell(): Promise<void> {
    return this.#lease?.renew() ?? Promise.resolve();
  }

  async hasOther(role: NodeRole): Promise<boolean> {
    const { store, log } = this.#parts;
    if (!store.isShared) return false;
    try {
      const others = (await store.nodes()).filter(({ nodeId }) => nodeId !== this.nodeId);
      return others.some(({ roles, takesCalls }) => roles.includes(role) && (takesCalls || role !== "calls"));
    } catch (error) {
      log.warn("the store could not say who else is there", { error });
      return false;
    }
  }

  async handOver(): Promise<void> {
    const { calls, store, bus, log } = this.#parts;
    await this.tell();
    const callIds = await calls.letGo();
    if (callIds.length === 0) return;
    await store.releaseCalls({ callIds });
    log.info("calls were handed over", { calls: callIds.length });
    bus.wake();
  }

  async leave(): Promise<void> {
    this.#left.abort();
    await this.#current;
    await this.#lease?.end();
    this.#parts.bus.wake();
  }

  #describe() {
    const { calls, roles, url } = this.#parts;
    return { url: url(), roles, live: calls.live, takesCalls: calls.takesCalls && roles.includes("calls") };
  }

  async #again(everyMs: number, look: () => Promise<void>): Promise<void> {
    const { signal } = this.#left;
    while (!signal.aborted) {
      await sleep(this.#parts.clock, everyMs, signal);
      if (!signal.aborted) await look();
    }
  }

  async #lookForStrays(): Promise<void> {
    const { bus, log } = this.#parts;
    if (!this.holds) return;
    try {
      if (!(await this.#strays.look())) return;
      bus.wake();
      await this.#look();
    } catch (error) {
      log.warn("the store could not say which calls are this node's", { error });
    }
  }

  /** One look at a time, and one more for all who ask meanwhile. */
  #look(): Promise<void> {
    if (this.#looking === "no") this.#current = this.#lookUntilSeen();
    else this.#looking = "again";
    return this.#current;
  }

  async #lookUntilSeen(): Promise<void> {
    do {
      this.#looking = "once";
      await this.#lookOnce();
    } while (this.#isToLookAgain());
    this.#looking = "no";
  }

  #isToLookAgain(): boolean {
    return this.#looking === "again";
  }

  async #lookOnce(): Promise<void> {
    const { calls, delivery, roles, log } = this.#parts;
    if (!this.holds || this.#left.signal.aborted) return;
    if (roles.includes("delivery")) delivery.wake();
    if (!roles.includes("calls") || !calls.takesCalls) return;
    await calls
      .takeOver()
      .catch((error: unknown) => log.warn("the store could not say which calls nobody holds", { error }));
  }
}
