import { eventId, type EventView, tellOf } from "@offhook/protocol";
import type { StoredEntry } from "../store.ts";

/** Shows an entry of a journal; `cursor` is its place in the list that it is shown in. */
export function eventView(entry: StoredEntry, cursor: number): EventView {
  const { callId, seq, at, sequence, what } = entry;
  const type = tellOf(what.type);
  const told =
    type === undefined || sequence === null ? null : { id: eventId(callId, sequence), type, sequence };
  return { cursor, callId, seq, at, type: what.type, data: what, told };
}
