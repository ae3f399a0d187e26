import type { Client } from "@offhook/client";
import {
  defaultTells,
  type Entry,
  type EventView,
  type Listened,
  readEntry,
  type Reading,
  tellOf,
  type TellType,
} from "@offhook/protocol";
import { messageOf } from "@offhook/server/message";
import { type Failure, failureOf } from "../failure.ts";
import { type Letter, letterOf } from "../sending/letter.ts";

/** An event as the application is told of it. */
export type Told = { letter: Letter; type: TellType; callId: string; sequence: number; status: string };

/** A call as far as it was read; `sequence` is the last that was given. */
type HeardCall = { reading: Reading; sequence: number; missed: number[] };

/** So many calls are remembered; one that is forgotten is read again. */
const callsMax = 1_000;
const pageMax = 500;

/**
 * Reads the events of calls as the messages of the contract: the same as the
 * Server URL is told, with the same ids. A call without a Server URL is told as
 * if it had one that takes the default messages.
 */
export class HeardCalls {
  readonly #client: Pick<Client, "calls">;
  readonly #listened: Listened;
  readonly #calls = new Map<string, HeardCall>();

  constructor(client: Pick<Client, "calls">, listened: Listened) {
    this.#client = client;
    this.#listened = listened;
  }

  /** What the application is told of an event; `undefined` when it is not, or when the server has forgotten its call. */
  async told(event: EventView): Promise<Told | Failure | undefined> {
    const before = await this.#readUpTo(event.callId, event.seq - 1);
    if (before === "forgotten") return undefined;
    if (before !== undefined && "failure" in before) return before;
    const { call, entry } = readOn(before, event);
    this.#remember(event.callId, call);
    const type = tellOf(event.data.type);
    if (type === undefined || entry.sequence === null || !this.#isChosen(call)) return undefined;
    const letter = letterOf(messageOf(call.reading, entry, call.missed));
    const { status } = call.reading.call;
    return { letter, type, callId: event.callId, sequence: entry.sequence, status };
  }

  /** What came of an event: what was given up is told with the next. */
  settle({ callId, sequence }: Told, accepted: boolean): void {
    const call = this.#calls.get(callId);
    if (call !== undefined) call.missed = accepted ? [] : [...call.missed, sequence];
  }

  #isChosen({ reading }: HeardCall): boolean {
    return this.#listened === "all" || this.#listened.includes(reading.call.assistantId ?? "");
  }

  async #readUpTo(callId: string, seq: number): Promise<HeardCall | Failure | "forgotten" | undefined> {
    let call = this.#calls.get(callId);
    while ((call?.reading.seq ?? 0) < seq) {
      const after = call?.reading.seq ?? 0;
      const answer = await this.#client.calls.events(callId, { after, limit: pageMax });
      if (!answer.ok) return answer.problem.code === "not-found" ? "forgotten" : failureOf(answer.problem);
      const events = answer.value.data.filter((event) => event.seq <= seq);
      if (events.length === 0)
        return { failure: `The journal of ${callId} ends at ${after}, before ${seq}.` };
      for (const event of events) ({ call } = readOn(call, event));
    }
    return call;
  }

  #remember(callId: string, call: HeardCall): void {
    this.#calls.delete(callId);
    this.#calls.set(callId, call);
    const [oldest] = this.#calls.keys();
    if (oldest !== undefined && this.#calls.size > callsMax) this.#calls.delete(oldest);
  }
}

/** Reads one event more; it is numbered here when the call has no Server URL that would number it. */
function readOn(before: HeardCall | undefined, event: EventView): { call: HeardCall; entry: Entry } {
  const { seq, at, data: what } = event;
  const subscription = what.type === "call-created" ? what.subscription : before?.reading.subscription;
  const isOurs = (subscription ?? null) === null && isDefault(tellOf(what.type));
  const given = before?.sequence ?? 0;
  const sequence = isOurs ? given + 1 : (event.told?.sequence ?? null);
  const entry = { seq, at, sequence, what };
  const reading = readEntry(before?.reading, entry);
  return { call: { reading, sequence: sequence ?? given, missed: before?.missed ?? [] }, entry };
}

function isDefault(type: TellType | undefined): boolean {
  return defaultTells.some((one) => one === type);
}
