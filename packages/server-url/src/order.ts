import type { Sequences } from "./sequences.ts";
import { type Soon, andThen } from "./soon.ts";

/** At most this many missing sequences are listed. */
const listedMax = 1_000;

/** Where an event stands in the order of its call. */
export type Place = { callId: string | null; sequence: number | null; missed: readonly number[] };

/** What an event's sequence tells. */
export type Standing = {
  /**
   * The sequences between the last one handled of this call and this one that
   * neither came nor were announced as missed. Empty for the first that is
   * seen of a call: what came before is not known.
   */
  gap: readonly number[];
  /** Whether a later event of the call was handled before: a redelivery. */
  late: boolean;
};

export type Order = {
  standing(place: Place): Soon<Standing>;
  /** Notes a sequence that was handled. */
  note(place: Place): Soon<void>;
};

const unknown: Standing = { gap: [], late: false };

/** Watches the order of events by their `sequence` (contract 1). */
export function makeOrder(sequences: Sequences): Order {
  return {
    standing({ callId, sequence, missed }) {
      if (callId === null || sequence === null) return unknown;
      return andThen(sequences.last(callId), (last) =>
        last === null ? unknown : { gap: missingOf(last, sequence, missed), late: sequence < last },
      );
    },
    note({ callId, sequence }) {
      return callId === null || sequence === null ? undefined : sequences.note(callId, sequence);
    },
  };
}

function missingOf(last: number, sequence: number, missed: readonly number[]): readonly number[] {
  if (sequence === last + 1) return unknown.gap;
  const announced = new Set(missed);
  const missing: number[] = [];
  for (let at = last + 1; at < sequence && missing.length < listedMax; at++)
    if (!announced.has(at)) missing.push(at);
  return missing;
}
