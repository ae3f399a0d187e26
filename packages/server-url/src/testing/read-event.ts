import { parseJson } from "../reading/loose.ts";
import { read } from "../reading/read.ts";
import type { CallEvent } from "../reading/received.ts";

/** Reads a message that must be an event, as it would come over the wire. */
export function readEvent(message: object): CallEvent {
  const received = read(parseJson(JSON.stringify({ message })) ?? null);
  if (received.kind !== "event") throw new Error(`read as ${received.kind}`);
  return received;
}
