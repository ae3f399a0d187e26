import { timedOut, within } from "./clock.ts";
import type { Host } from "./incoming.ts";

/** What goes on after its answer was sent. */
export type Later = {
  /** What of this call still goes on; its next event is handled after it. */
  ahead(callId: string | null): Promise<void> | undefined;
  /** Hands work that goes on to the host. */
  take(work: LaterWork, host: Host): void;
  /** Resolves when nothing goes on any more. */
  settled: () => Promise<void>;
};

export type LaterWork = {
  callId: string | null;
  /** It never rejects. */
  work: Promise<unknown>;
  /** How much longer it is waited for, and what to do when that is over. */
  limitMs: number;
  onLate: () => void;
};

export function makeLater(): Later {
  const ofCall = new Map<string, Promise<void>>();
  const going = new Set<Promise<void>>();
  return {
    ahead: (callId) => (callId === null ? undefined : ofCall.get(callId)),
    take({ callId, work, limitMs, onLate }, host) {
      const bounded = within(limitMs, work).then((ended) => (ended === timedOut ? onLate() : undefined));
      const done = bounded.finally(() => {
        going.delete(done);
        if (callId !== null && ofCall.get(callId) === done) ofCall.delete(callId);
      });
      going.add(done);
      if (callId !== null) ofCall.set(callId, done);
      host.waitUntil?.(done);
    },
    async settled() {
      while (going.size > 0) await Promise.all(going);
    },
  };
}
