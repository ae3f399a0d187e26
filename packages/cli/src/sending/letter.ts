import {
  type CallId,
  type Entry,
  type Format,
  readEntries,
  type Reading,
  sampleEntry,
  sampleJournal,
  type TellType,
} from "@offhook/protocol";
import { functionCallOf, messageOf } from "@offhook/server/message";

/** A message on its way: its `webhook-id`, and the body that is signed. */
export type Letter = {
  id: string;
  body: string;
  /** Headers that only some messages have. */
  headers: Readonly<Record<string, string>>;
};

/** What is said of the sample call that a message tells of. */
export type Sample = { callId: CallId; format: Format };

/** A sample event as the server would tell it, as the object that goes into `message`. */
export function sampleMessage(type: TellType, sample: Sample): Record<string, unknown> {
  const journal = journalOf(sample);
  const entry = sampleEntry(type, journal);
  return messageOf(readingUpTo(journal, entry.seq), entry, []);
}

/** A message in an envelope. */
export function letterOf(message: Readonly<Record<string, unknown>>): Letter {
  return { id: String(message["id"]), body: JSON.stringify({ message }), headers: {} };
}

/** A sample event as it is sent. */
export function sampleLetter(type: TellType, sample: Sample): Letter {
  return letterOf(sampleMessage(type, sample));
}

export type Wanted = { toolCallId: string; name: string; arguments: Record<string, unknown> };

/** A tool request in the middle of the sample call, as the object that goes into `message`. */
export function sampleToolMessage(wanted: Wanted, sample: Sample): Record<string, unknown> {
  const journal = journalOf(sample);
  const spoken = journal.findIndex(({ what }) => what.type === "hang");
  const reading = readingUpTo(journal, spoken);
  const at = journal[spoken]?.at ?? 0;
  return functionCallOf(reading, { ...wanted, at });
}

function journalOf({ callId, format }: Sample): Entry[] {
  return sampleJournal(format).map((entry) =>
    entry.what.type === "call-created"
      ? { ...entry, what: { ...entry.what, call: { ...entry.what.call, id: callId } } }
      : entry,
  );
}

function readingUpTo(journal: readonly Entry[], seq: number): Reading {
  const reading = readEntries(undefined, journal.slice(0, seq));
  if (reading === undefined) throw new Error("the sample is empty");
  return reading;
}
