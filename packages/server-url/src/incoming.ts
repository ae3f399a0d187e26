import type { Refused } from "./answer.ts";
import type { Limits } from "./limits.ts";
import type { Soon } from "./soon.ts";

/**
 * A request as a receiver takes it from its host: what `fetch` and every
 * adapter make of theirs. The body is read once, by the receiver, so that the
 * signature is checked over the bytes as they came.
 */
export type Incoming = {
  method: string;
  /** Path and query, such as `/offhook?tool=findSlots`. */
  target: string;
  /** A header by its name in lower case; null when it is absent. */
  header: (name: string) => string | null;
  /** All headers; made when they are asked for. */
  headers(): Headers;
  /** Whether somebody read the body before the receiver could. */
  isUsed: boolean;
  /** The whole body, or why there is none. */
  bytes(limits: Limits): Soon<Uint8Array | Refused>;
};

/** What a host can do for a receiver. */
export type Host = {
  /**
   * Keeps the process alive until this work has ended, although the answer is
   * sent: Workers' `ctx.waitUntil`, Next's `after`. Without it nothing is left
   * for after the answer.
   */
  waitUntil?: ((work: Promise<unknown>) => void) | undefined;
};

/** A process that goes on by itself, such as one of Node. */
export const lastingHost: Host = { waitUntil: () => undefined };
