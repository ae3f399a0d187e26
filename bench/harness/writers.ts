import { randomUUID } from "node:crypto";
import { Backlog } from "./backlog.ts";
import { bodyOf } from "./poster.ts";
import { processorSeconds, sharedNowMs } from "./time.ts";

/** So many events of a call may be written and not yet accepted before its writer waits; the same for every contender. */
export const aheadPerCallMax = 8;

export type PeerEvent = { callId: string; id: string; body: string };

/** The calls of a peer: each writes its next event as soon as the last is kept. */
export class Writers {
  readonly #calls: { callId: string; sequence: number }[];
  readonly #backlog = new Backlog(aheadPerCallMax);

  constructor(calls: number) {
    this.#calls = Array.from({ length: calls }, () => ({ callId: `TC-${randomUUID()}`, sequence: 0 }));
  }

  /** An event has been accepted, and the queue knows it. */
  settled(callId: string): void {
    this.#backlog.settled(callId);
  }

  /** Writes events for so long; settles when all are accepted. `keep` settles when an event is on disk. */
  async round(seconds: number, keep: (event: PeerEvent) => Promise<unknown>) {
    const startedAt = sharedNowMs();
    const processor = processorSeconds();
    let events = 0;
    const writeOn = async (call: { callId: string; sequence: number }): Promise<void> => {
      while (sharedNowMs() < startedAt + seconds * 1e3) {
        events += 1;
        await this.#backlog.add(call.callId);
        call.sequence += 1;
        const id = `evt_${call.callId}_${call.sequence}`;
        await keep({ callId: call.callId, id, body: bodyOf(id) });
      }
    };
    await Promise.all(this.#calls.map(writeOn));
    await this.#backlog.empty();
    const took = (sharedNowMs() - startedAt) / 1e3;
    const used = processorSeconds() - processor;
    return { eventsPerSecond: events / took, processorMicrosecondsPerEvent: (used / events) * 1e6 };
  }
}
