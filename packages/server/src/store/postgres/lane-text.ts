import { numberOf, numberOrNull, type Row, textOf } from "../columns.ts";
import type { LaneText } from "../rows.ts";

/** A lane as the database tells it, a row as JSON. */
export function laneText(value: unknown): LaneText {
  const row = value as Row;
  return {
    teamId: textOf(row, "team_id"),
    callId: textOf(row, "call_id"),
    settled: numberOf(row, "settled"),
    last: numberOf(row, "last"),
    lastConversation: numberOf(row, "last_conversation"),
    attempts: numberOf(row, "attempts"),
    missed: JSON.stringify(row["missed"]),
    again: JSON.stringify(row["again"]),
    dueAt: numberOrNull(row, "due_at"),
  };
}

export function laneOrNull(value: unknown): LaneText | null {
  return value === null || value === undefined ? null : laneText(value);
}
