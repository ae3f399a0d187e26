import { numberOf, numberOrNull, type Row, textOf } from "../columns.ts";
import type { LaneText } from "../rows.ts";
import type { Statements } from "./statements.ts";

/** So many lanes are kept at hand, and of one so many places of its events. */
const lanesMax = 10_000;
const placesMax = 1_000;

type AtHand = {
  rowid: number;
  lane: LaneText;
  /** Positions of events as they were written, from a sequence on; only of those that are not settled. */
  places: { first: number; positions: number[] };
};

/** Statements, and the lanes that are at hand beside them. */
export type Desk = Statements & { lanes: LanesAtHand };

/**
 * Lanes that were worked last, so that they need not be read again. Only the
 * writing thread changes lanes, so what it knows of them is true; what the jobs
 * of a group change in one is written once, at the end of the group.
 */
export class LanesAtHand {
  readonly #known = new Map<string, AtHand>();
  readonly #changed = new Set<AtHand>();

  find(db: Statements, callId: string): LaneText | null {
    return this.#find(db, callId)?.lane ?? null;
  }

  /** Puts a lane that was found in another state. */
  change(callId: string, to: Partial<LaneText>): LaneText {
    const found = this.#known.get(callId);
    if (found === undefined) throw new Error(`the lane of call ${callId} is not at hand`);
    found.lane = { ...found.lane, ...to };
    this.#changed.add(found);
    const { places, lane } = found;
    const passed = Math.min(lane.settled + 1 - places.first, places.positions.length);
    if (passed > 0) {
      places.positions.splice(0, passed);
      places.first += passed;
    }
    return lane;
  }

  /** Remembers where an event of a lane at hand was written. */
  place(callId: string, sequence: number, position: number): void {
    const places = this.#known.get(callId)?.places;
    if (places === undefined) return;
    if (places.positions.length === 0) places.first = sequence;
    const isNext = sequence === places.first + places.positions.length;
    if (isNext && places.positions.length < placesMax) places.positions.push(position);
  }

  /** Where an event was written; `undefined` when that is not remembered. */
  placeOf(callId: string, sequence: number): number | undefined {
    const places = this.#known.get(callId)?.places;
    return places?.positions[sequence - places.first];
  }

  /** Writes what has changed. */
  write(db: Statements): void {
    for (const { rowid, lane } of this.#changed) writeLane(db, rowid, lane);
    this.#changed.clear();
  }

  /** A lane was made, or deleted. */
  drop(callId: string): void {
    this.#known.delete(callId);
  }

  /** What is known may not have come to be: all is read anew. */
  dropAll(): void {
    this.#known.clear();
    this.#changed.clear();
  }

  #find(db: Statements, callId: string): AtHand | undefined {
    const known = this.#known.get(callId);
    if (known !== undefined) return known;
    const row = db.one("SELECT rowid, * FROM lanes WHERE call_id = ?", callId);
    if (row === undefined) return undefined;
    const lane = laneOf(row);
    const found = { rowid: numberOf(row, "rowid"), lane, places: { first: lane.last + 1, positions: [] } };
    const [oldest] = this.#known.values();
    // One that has changed must be written before it is forgotten.
    if (oldest !== undefined && this.#known.size >= lanesMax && !this.#changed.has(oldest))
      this.#known.delete(oldest.lane.callId);
    this.#known.set(callId, found);
    return found;
  }
}

export function laneOf(row: Row): LaneText {
  return {
    teamId: textOf(row, "team_id"),
    callId: textOf(row, "call_id"),
    settled: numberOf(row, "settled"),
    last: numberOf(row, "last"),
    lastConversation: numberOf(row, "last_conversation"),
    attempts: numberOf(row, "attempts"),
    missed: textOf(row, "missed"),
    again: textOf(row, "again"),
    dueAt: numberOrNull(row, "due_at"),
  };
}

function writeLane(db: Statements, rowid: number, lane: LaneText): void {
  const { changes } = db.run(
    `UPDATE lanes SET settled = ?, last = ?, last_conversation = ?, attempts = ?, missed = ?, again = ?, due_at = ?
     WHERE rowid = ? AND call_id = ?`,
    lane.settled,
    lane.last,
    lane.lastConversation,
    lane.attempts,
    lane.missed,
    lane.again,
    lane.dueAt,
    rowid,
    lane.callId,
  );
  if (changes !== 1) throw new Error(`the lane of call ${lane.callId} is not where it was`);
}
