import { afterEach, beforeEach } from "vitest";
import type { LaneRow, Store } from "../../store.ts";

/**
 * An empty store. `reopen` closes it and opens the same again; absent where
 * nothing is kept. `another` opens the same once more beside it; absent where
 * several cannot share it. `close` closes all of them.
 */
export type OpenedStore = {
  store: Store;
  reopen?: () => Promise<Store>;
  another?: () => Promise<Store>;
  close: () => Promise<void>;
};

/** A fresh store for each test of a suite. */
export function useStore(open: () => Promise<OpenedStore>): () => OpenedStore {
  let opened: OpenedStore | undefined;
  const current = (): OpenedStore => {
    if (opened === undefined) throw new Error("no store is open outside of a test");
    return opened;
  };
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });
  return current;
}

/** The lane of a call that has one. */
export async function laneOf(store: Store, callId: LaneRow["callId"]): Promise<LaneRow> {
  const lane = await store.findLane(callId);
  if (lane === undefined) throw new Error(`${callId} has no lane`);
  return lane;
}
