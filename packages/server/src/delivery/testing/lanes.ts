import type { AttemptOutcome } from "@offhook/protocol";
import type { LaneAct, LaneEvent, LaneStep } from "../lane.ts";

/** The moment at which lanes are looked at. */
export const now = 1_000_000;

/** The answer to an attempt; chance is in the middle. */
export function failed(outcome: AttemptOutcome): LaneEvent & { type: "answered" } {
  return { type: "answered", outcome, detail: "answered", retryAfterMs: null, chance: 0.5, now };
}

/** A lane and what is to be done, on one line. */
export function show({ lane, acts }: LaneStep): string {
  const parts = [`${lane.name} ${lane.settled}/${lane.last}`];
  if (lane.missed.length > 0) parts.push(`-${lane.missed.join(",")}`);
  if (lane.again.length > 0) parts.push(`+${lane.again.join(",")}`);
  if (lane.name !== "idle") parts.push(`after ${lane.attempts}`);
  if (lane.name === "waiting") parts.push(`at +${lane.dueAt - now}`);
  const done = acts.map(showAct);
  return done.length === 0 ? parts.join(" ") : `${parts.join(" ")}: ${done.join(", ")}`;
}

function showAct(act: LaneAct): string {
  switch (act.act) {
    case "send":
      return `send ${act.sequence} (${act.attempt})`;
    case "give-up":
      return `${act.state} ${act.sequence} (${act.reason})`;
    case "recovered":
      return `recovered ${act.sequence}`;
    case "not-recovered":
      return `not recovered ${act.sequence} (${act.reason})`;
  }
}
