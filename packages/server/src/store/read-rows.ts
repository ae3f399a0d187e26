import type { DeliveryState } from "@offhook/protocol";
import { numberOf, numberOrNull, type Row, textOf, textOrNull } from "./columns.ts";
import type { DeliveryRow, StoredRow } from "./rows.ts";

/** An entry, as every engine names its columns. */
export function storedOf(row: Row): StoredRow {
  return {
    position: numberOf(row, "position"),
    teamId: textOf(row, "team_id"),
    callId: textOf(row, "call_id"),
    seq: numberOf(row, "seq"),
    at: numberOf(row, "at"),
    sequence: numberOrNull(row, "sequence"),
    type: textOf(row, "type"),
    body: textOf(row, "body"),
  };
}

const states: readonly DeliveryState[] = ["pending", "retrying", "delivered", "superseded", "dead"];

/** A delivery, as every engine names its columns. */
export function deliveryOf(row: Row): DeliveryRow {
  const state = states.find((one) => one === row["state"]);
  if (state === undefined) throw new TypeError(`unknown state of a delivery: ${String(row["state"])}`);
  return {
    callId: textOf(row, "call_id"),
    sequence: numberOf(row, "sequence"),
    entryType: textOf(row, "type"),
    state,
    at: numberOf(row, "at"),
    attempts: numberOf(row, "attempts"),
    nextAt: numberOrNull(row, "next_at"),
    reason: textOrNull(row, "reason"),
  };
}
