import type { Clock } from "../../clock.ts";
import { sleep } from "../../clock.ts";
import type { Random } from "../../random.ts";
import { type Store, StoreError } from "../../store.ts";
import { openLocalStore } from "../../store/sqlite/sqlite-store.ts";
import type { UnderWay } from "../virtual-clock.ts";

/** What the simulated disk is made of. */
export type Engine = {
  /** One with nothing on it; what was on the one before is gone. */
  makeDisk(): Promise<Disk>;
  close(): Promise<void>;
};

/** A disk under a store: it outlives the server, takes its time, and may be full for a while. */
export type Disk = {
  /** The store as a start of the server has it. */
  open(): Store;
  /** The same for who only looks. */
  store: Store;
  /** Calls of which something is still to be written; nobody takes them by this. */
  countOpen(): Promise<number>;
  /** In real time, for which the clock of the world stands still. */
  underWay: UnderWay;
  /** How late a write of a server that is gone may still be done, in ms; 0 where it ends with its server. */
  lateMaxMs: number;
  /** Until then nothing can be written, in epoch ms. */
  fullUntil: number;
  close(): Promise<void>;
};

/** SQLite in this thread and in memory: a new one for each disk. */
export const memoryEngine: Engine = {
  makeDisk: async () => {
    const store = openLocalStore();
    return {
      open: () => store,
      store,
      // Here nobody loses a call by it.
      countOpen: async () => (await store.takeCalls({ after: "", limit: 1 })).length,
      underWay: () => undefined,
      lateMaxMs: 0,
      fullUntil: 0,
      close: () => store.close(),
    };
  },
  close: async () => undefined,
};

/** Whether a server lives; what a dead one has begun comes to no end that it could see. */
export type Life = { readonly dead: boolean };

/** A write that is under way when the server dies is on disk or not; either way nobody is told. */
const never = new Promise<never>(() => undefined);

const reads = new Set<keyof Store>([
  "entriesOfCall",
  "entriesOfTeam",
  "lastPosition",
  "assistantOfCall",
  "findCall",
  "listCalls",
  "takeCalls",
  "holderOf",
  "nodes",
  "findLane",
  "dueLanes",
  "nextDueAt",
  "listDeliveries",
  "findDelivery",
  "attemptsOf",
  "missedBefore",
  "backlog",
  "size",
  "findDocument",
  "listDocuments",
  "findKey",
  "countKeys",
]);

/** What is fenced, or held against what it was based on. */
const mayBeLate = new Set<keyof Store>(["append", "settle"]);

type Operation = (...given: unknown[]) => Promise<unknown>;

/** The store as one server sees it, over a disk that others see too. */
export function storeOn(
  disk: Disk,
  of: { clock: Clock; random: Random; life: Life; wrote: (name: string) => Promise<void> },
): Store {
  const { clock, random, life } = of;
  const takes = async (): Promise<void> => {
    // Mostly at once: a timer for each operation would make the run ten times as long.
    if (random.fraction() < 0.2) await sleep(clock, Math.ceil(random.fraction() * 8));
  };
  const wrap = (name: keyof Store, operation: Operation): Operation => {
    const isRead = reads.has(name);
    return async (...given) => {
      if (life.dead) return never;
      await takes();
      if (life.dead && (isRead || random.fraction() < 0.5)) return never;
      if (life.dead && disk.lateMaxMs > 0 && mayBeLate.has(name))
        await sleep(clock, Math.ceil(random.fraction() * disk.lateMaxMs));
      if (!isRead && clock.now() < disk.fullUntil)
        throw new StoreError("full", "The simulated disk is full: make room.");
      const value = await operation(...given);
      if (!isRead) await of.wrote(name);
      if (!life.dead) await takes();
      return life.dead ? never : value;
    };
  };
  const { isShared, ...operations } = disk.open();
  const wrapped = Object.entries(operations).map(([name, operation]) => [
    name,
    wrap(name as keyof Store, operation as Operation),
  ]);
  return { ...Object.fromEntries(wrapped), isShared } as Store;
}
