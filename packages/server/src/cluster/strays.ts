import type { CallId } from "@offhook/protocol";
import type { Log } from "../log.ts";
import type { Nodes } from "../store.ts";

export type StrayParts = {
  store: Pick<Nodes, "heldCalls" | "releaseCalls">;
  log: Log;
  /** Whether this process holds the call, or has something left to do for it. */
  knows: (callId: CallId) => boolean;
};

/**
 * Finds calls that are this node's by the store, and of which it knows
 * nothing: they were opened or taken by a statement that was done when nobody
 * waited for its answer any more. One that is so at two looks in a row is let
 * go, for any node to take: at one look alone it may just be on its way here.
 * Fails as the store does.
 */
export class Strays {
  readonly #parts: StrayParts;
  #before: ReadonlySet<CallId> = new Set();

  constructor(parts: StrayParts) {
    this.#parts = parts;
  }

  /** Answers whether there are calls now that somebody is to take. */
  async look(): Promise<boolean> {
    const { store, log, knows } = this.#parts;
    const unknown = (await store.heldCalls()).filter((callId) => !knows(callId));
    const callIds = unknown.filter((callId) => this.#before.has(callId));
    this.#before = new Set(unknown);
    if (callIds.length === 0) return false;
    log.warn("calls of this node of which it knows nothing are let go, to be taken anew", { callIds });
    await store.releaseCalls({ callIds });
    return true;
  }
}
