import { makeRecent } from "./recent.ts";
import type { Soon } from "./soon.ts";

/** What is known of an id that has come in. */
export type Claim =
  /** It is new, or was forgotten: the one who asked must handle it. */
  | { kind: "new" }
  /** Another process is handling it now; the sender is asked to come back. */
  | { kind: "elsewhere" }
  /** It was handled, and this JSON text was answered. */
  | { kind: "answered"; body: string };

/**
 * Remembers what was answered to which id, so that a repeated message is not
 * handled twice. The one that comes along lives in memory; one that is shared
 * by several processes answers later, must make `claim` atomic, and give a claim away again
 * when its owner has died.
 */
export interface Receipts {
  claim(id: string): Soon<Claim>;
  /** Keeps the answer of a claimed id. */
  keep(id: string, body: string): Soon<void>;
  /** Gives a claimed id back: handling it failed, and it will be sent again. */
  forget(id: string): Soon<void>;
}

/** Receipts in memory: of so many ids and bytes at least the newest half. They end with the process. */
export function memoryReceipts(limits: { receiptsMax: number; receiptsBytesMax: number }): Receipts {
  const kept = makeRecent<string>({
    entriesMax: limits.receiptsMax,
    weightMax: limits.receiptsBytesMax,
    weightOf: sizeOf,
  });
  return {
    claim(id) {
      const body = kept.get(id);
      return body === undefined ? { kind: "new" } : { kind: "answered", body };
    },
    keep(id, body) {
      kept.set(id, body);
    },
    forget() {},
  };
}

/** As V8 holds text at most: two bytes a character. */
function sizeOf(id: string, body: string): number {
  return 2 * (id.length + body.length);
}
