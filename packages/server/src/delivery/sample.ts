import {
  eventId,
  type Format,
  type JsonObject,
  readEntries,
  type Reading,
  sampleCallId,
  sampleEntry,
  sampleJournal,
  type SampleType,
  wireHeaders,
} from "@offhook/protocol";
import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";
import type { ServerSettings } from "../store.ts";
import { attempt } from "./attempt.ts";
import type { Egress } from "./egress-port.ts";
import { functionCallOf, messageOf } from "./message.ts";

/** A message on its way, with the headers that only some messages have. */
type Letter = { id: string; body: string; extra: Readonly<Record<string, string>> };

/** A sample in a payload format, as it would be sent. */
export function sampleLetter(type: SampleType, format: Format): Letter {
  if (type === "function-call") return sampleToolLetter(format);
  const journal = sampleJournal(format);
  const entry = sampleEntry(type, journal);
  const reading = readEntries(undefined, journal.slice(0, entry.seq));
  if (reading === undefined || entry.sequence === null) throw new Error(`the sample has no ${type}`);
  const id = eventId(sampleCallId, entry.sequence);
  return { id, body: JSON.stringify({ message: messageOf(reading, entry, []) }), extra: {} };
}

/** A name that no application gives a tool: what is sent as a sample does nothing there. */
const name = "offhookCheck";

function sampleToolLetter(format: Format): Letter {
  const toolCallId = "tool_sample_1";
  const reading = sampleReading(format);
  const at = Date.parse(reading.call.updatedAt);
  const message = functionCallOf(reading, { toolCallId, name, arguments: {}, at });
  const extra = {
    [wireHeaders.callId]: sampleCallId,
    [wireHeaders.toolCallId]: toolCallId,
    [wireHeaders.toolName]: name,
  };
  return { id: toolCallId, body: JSON.stringify({ message }), extra };
}

/** What a sample is sent with: a Server URL, whose secret may be missing. */
export type SampleServer = Omit<ServerSettings, "secret"> & { secret?: string | undefined };

/** Sends a sample event, once; shows the request and what came of it. */
export async function sendSample(
  deps: { egress: Egress; clock: Clock; random: Random },
  given: { type: SampleType; format: Format; server: SampleServer },
): Promise<JsonObject> {
  const { secret, ...rest } = given.server;
  const server = secret === undefined ? rest : { ...rest, secret };
  const { id, body, extra } = sampleLetter(given.type, given.format);
  const made = await attempt(deps.egress, {
    server,
    id,
    body,
    extra,
    attempt: 1,
    clock: deps.clock,
    random: deps.random,
  });
  return { ...made, request: { ...made.request, body } };
}

/** The sample call as it was when the caller had just spoken: what a tool is told of when it is tried out. */
export function sampleReading(format?: Format): Reading {
  const journal = sampleJournal(format);
  const spoken = journal.findIndex(({ what }) => what.type === "hang");
  const reading = readEntries(undefined, journal.slice(0, spoken));
  if (reading === undefined) throw new Error("the sample is empty");
  return reading;
}
