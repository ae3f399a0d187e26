import { makeRecent } from "./recent.ts";
import type { Soon } from "./soon.ts";

/**
 * Remembers the highest `sequence` that was handled of each call, so that what
 * is missing or late is seen. The one that comes along lives in memory; one
 * that is shared by several processes sees it across them.
 */
export interface Sequences {
  /** The highest that was handled of a call; null when none is known. */
  last(callId: string): Soon<number | null>;
  /** Notes one that was handled; a lower one than is known changes nothing. */
  note(callId: string, sequence: number): Soon<void>;
}

/** Sequences in memory, of the calls heard of last: at least half of `orderCallsMax`. They end with the process. */
export function memorySequences({ orderCallsMax }: { orderCallsMax: number }): Sequences {
  const lastOf = makeRecent<number>({ entriesMax: orderCallsMax });
  return {
    last(callId) {
      return lastOf.get(callId) ?? null;
    },
    note(callId, sequence) {
      lastOf.set(callId, Math.max(sequence, lastOf.get(callId) ?? 0));
    },
  };
}
