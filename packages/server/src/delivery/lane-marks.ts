import type { CallId } from "@offhook/protocol";
import type { LaneRow } from "../store.ts";

/** How far a lane had come; both only ever grow, the attempts within one head. */
type Mark = Pick<LaneRow, "settled" | "attempts">;

/**
 * Remembers how far lanes had come when they were let go. What the store
 * answers may overtake what it answered before; a row that is older than what
 * is known here must not be worked, or its events would be sent once more and
 * out of their order.
 */
export class LaneMarks {
  readonly #max: number;
  readonly #marks = new Map<CallId, Mark>();

  constructor(max: number) {
    this.#max = max;
  }

  note({ callId, settled, attempts }: LaneRow): void {
    this.#marks.delete(callId);
    const [oldest] = this.#marks.keys();
    if (oldest !== undefined && this.#marks.size >= this.#max) this.#marks.delete(oldest);
    this.#marks.set(callId, { settled, attempts });
  }

  /** Whether a row tells of a time before the lane was let go. */
  isOlder({ callId, settled, attempts }: LaneRow): boolean {
    const mark = this.#marks.get(callId);
    if (mark === undefined) return false;
    return settled < mark.settled || (settled === mark.settled && attempts < mark.attempts);
  }
}
