/** At most this many missing sequences are listed. */
const listedMax = 1_000;

/** Where an event stands in the order of its call. */
export type Place = { callId: string | null; sequence: number | null; missed: readonly number[] };

export type Order = {
  /**
   * The sequences between the last one of this call and this one that neither
   * came nor were announced as missed. Empty for the first that is seen of a
   * call: what came before this process started is not known.
   */
  gap(place: Place): readonly number[];
  /** Notes a sequence that was handled. */
  note(callId: string | null, sequence: number | null): void;
};

/** Watches the order of events by their `sequence` (contract 1), for the calls heard of last. */
export function makeOrder({ orderCallsMax }: { orderCallsMax: number }): Order {
  const lastOf = new Map<string, number>();
  return {
    gap({ callId, sequence, missed }) {
      const last = callId === null ? undefined : lastOf.get(callId);
      if (last === undefined || sequence === null) return [];
      const announced = new Set(missed);
      const missing: number[] = [];
      for (let at = last + 1; at < sequence && missing.length < listedMax; at++)
        if (!announced.has(at)) missing.push(at);
      return missing;
    },
    note(callId, sequence) {
      if (callId === null || sequence === null) return;
      const last = Math.max(sequence, lastOf.get(callId) ?? 0);
      lastOf.delete(callId);
      lastOf.set(callId, last);
      const [oldest] = lastOf.keys();
      if (lastOf.size > orderCallsMax && oldest !== undefined) lastOf.delete(oldest);
    },
  };
}
