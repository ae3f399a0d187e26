import {
  eventId,
  type Format,
  type JsonObject,
  readEntries,
  type Reading,
  sampleCallId,
  sampleEntry,
  sampleJournal,
  type TellType,
} from "@offhook/protocol";
import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";
import type { ServerSettings } from "../store.ts";
import { attempt } from "./attempt.ts";
import type { Egress } from "./egress-port.ts";
import { messageOf } from "./message.ts";

/** A sample event in a payload format, as it would be sent. */
export function sampleLetter(type: TellType, format: Format): { id: string; body: string } {
  const journal = sampleJournal(format);
  const entry = sampleEntry(type, journal);
  const reading = readEntries(undefined, journal.slice(0, entry.seq));
  if (reading === undefined || entry.sequence === null) throw new Error(`the sample has no ${type}`);
  const id = eventId(sampleCallId, entry.sequence);
  return { id, body: JSON.stringify({ message: messageOf(reading, entry, []) }) };
}

/** What a sample is sent with: a Server URL, whose secret may be missing. */
export type SampleServer = Omit<ServerSettings, "secret"> & { secret?: string | undefined };

/** Sends a sample event, once; shows the request and what came of it. */
export async function sendSample(
  deps: { egress: Egress; clock: Clock; random: Random },
  given: { type: TellType; format: Format; server: SampleServer },
): Promise<JsonObject> {
  const { url, timeoutSeconds, headers, auth, tls, secret } = given.server;
  const server = { url, timeoutSeconds, headers, auth, tls, ...(secret === undefined ? {} : { secret }) };
  const { id, body } = sampleLetter(given.type, given.format);
  const made = await attempt(deps.egress, {
    server,
    id,
    body,
    attempt: 1,
    clock: deps.clock,
    random: deps.random,
  });
  return { ...made, request: { ...made.request, body } };
}

/** The sample call as it was when the caller had just spoken: what a tool is told of when it is tried out. */
export function sampleReading(): Reading {
  const journal = sampleJournal();
  const spoken = journal.findIndex(({ what }) => what.type === "hang");
  const reading = readEntries(undefined, journal.slice(0, spoken));
  if (reading === undefined) throw new Error("the sample is empty");
  return reading;
}
