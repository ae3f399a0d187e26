import type { Clock } from "../../clock.ts";
import { sleep } from "../../clock.ts";
import type { Random } from "../../random.ts";
import { type Store, StoreError } from "../../store.ts";

/** A disk under a store: it outlives the server, takes its time, and may be full for a while. */
export type Disk = {
  store: Store;
  /** Until then nothing can be written, in epoch ms. */
  fullUntil: number;
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
      if (!isRead && clock.now() < disk.fullUntil)
        throw new StoreError("full", "The simulated disk is full: make room.");
      const value = await operation(...given);
      if (!isRead) await of.wrote(name);
      if (!life.dead) await takes();
      return life.dead ? never : value;
    };
  };
  const { isShared, ...operations } = disk.store;
  const wrapped = Object.entries(operations).map(([name, operation]) => [
    name,
    wrap(name as keyof Store, operation as Operation),
  ]);
  return { ...Object.fromEntries(wrapped), isShared } as Store;
}
