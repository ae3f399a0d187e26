import type { Attempt } from "@offhook/protocol";
import type { LaneRow, Settlement } from "../store.ts";
import type { Lane, LaneAct } from "./lane.ts";

/** A lane as it is kept, read as the machine's state. What was on its way when a server died is sent again. */
export function laneOf(row: LaneRow): Lane {
  const { settled, last, lastConversation, missed, again, attempts, dueAt } = row;
  const track = { settled, last, lastConversation, missed, again };
  return dueAt === null ? { name: "idle", ...track } : { name: "waiting", ...track, attempts, dueAt };
}

/** What a step of the lane changes in the store. */
export function settlementOf(change: {
  before: LaneRow;
  lane: Lane;
  acts: readonly LaneAct[];
  attempts: { sequence: number; attempt: Attempt }[];
  now: number;
}): Settlement {
  const { before, lane, acts, now } = change;
  const waits = lane.name === "waiting" ? lane : undefined;
  return {
    callId: before.callId,
    basedOn: { settled: before.settled, attempts: before.attempts },
    settled: lane.settled,
    attempts: waits?.attempts ?? 0,
    missed: lane.missed,
    againDone: before.again.filter((sequence) => !lane.again.includes(sequence)),
    // A lane that rests has nothing to send that would wait for it.
    ...(waits === undefined ? { haste: "with-others" } : {}),
    retryAt: waits !== undefined && waits.dueAt > now ? waits.dueAt : null,
    at: now,
    log: change.attempts,
    givenUp: acts
      .filter((act) => act.act === "give-up")
      .map(({ sequence, state, reason }) => ({ sequence, state, reason })),
    recovered: acts.filter((act) => act.act === "recovered").map(({ sequence }) => sequence),
    notRecovered: acts
      .filter((act) => act.act === "not-recovered")
      .map(({ sequence, reason }) => ({ sequence, reason })),
  };
}
