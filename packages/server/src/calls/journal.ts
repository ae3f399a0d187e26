import {
  type Call,
  type CallId,
  type Entry,
  type Happening,
  readEntries,
  type Reading,
  type TeamId,
  tellOf,
} from "@offhook/protocol";
import type { Bus } from "../bus.ts";
import type { Handover } from "../delivery/session.ts";
import {
  type AppendResult,
  type CallPhase,
  firstEpoch,
  type OpenJournal,
  type Store,
  StoreError,
  type StoredEntry,
  type TakenCall,
} from "../store.ts";

export type JournalParts = { store: Store; bus: Bus; handOver: (handover: Handover) => void };

/** The one writer of a call's journal. What it has written is on disk before anyone hears of it. */
export class CallJournal {
  readonly teamId: TeamId;
  readonly callId: CallId;
  readonly #parts: JournalParts;
  readonly #epoch: number;
  #reading: Reading;
  /** After a write that failed nobody knows what is on disk. */
  #known: "known" | "unsure" | "closed" = "known";
  #last: Promise<unknown> = Promise.resolve();

  private constructor(parts: JournalParts, reading: Reading, epoch: number) {
    this.#parts = parts;
    this.#epoch = epoch;
    this.#reading = reading;
    this.teamId = reading.call.teamId as TeamId;
    this.callId = reading.call.id as CallId;
  }

  /** Begins a journal with its first entries. */
  static async begin(
    parts: JournalParts,
    first: { happenings: readonly Happening[]; at: number } & Pick<
      OpenJournal,
      "teamId" | "callId" | "destination" | "assistant"
    >,
  ): Promise<CallJournal> {
    const { happenings, at, ...opening } = first;
    const { entries, reading } = place(undefined, happenings, at);
    const commit = { ...opening, entries, call: reading.call, phase: phaseOf(reading.call) };
    const result = await parts.store.openJournal(commit);
    const journal = new CallJournal(parts, reading, firstEpoch);
    journal.#announce(undefined, entries, result);
    return journal;
  }

  /** Takes up the journal of a call that was taken, with all that is in it. */
  static async takeUp(
    parts: JournalParts,
    { callId, epoch }: Pick<TakenCall, "callId" | "epoch">,
  ): Promise<{ journal: CallJournal; entries: readonly StoredEntry[] } | undefined> {
    const entries = await entriesAfter(parts.store, callId, 0);
    const reading = readEntries(undefined, entries);
    return reading === undefined ? undefined : { journal: new CallJournal(parts, reading, epoch), entries };
  }

  /** The call as the journal tells it now. */
  get reading(): Reading {
    return this.#reading;
  }

  /** Writes what happened; settles when it is on disk. Writes of two come after each other. */
  append(happenings: readonly Happening[], at: number): Promise<void> {
    const written = this.#last.then(() => this.#write(happenings, at));
    this.#last = written.catch(() => undefined);
    return written;
  }

  /** Reads what is on disk, when a write has failed and may have come to be there all the same. */
  catchUp(): Promise<void> {
    const read = this.#last.then(() => this.#catchUp());
    this.#last = read.catch(() => undefined);
    return read;
  }

  /** Writes no more, whoever asks for it. */
  close(): void {
    this.#known = "closed";
  }

  get isClosed(): boolean {
    return this.#known === "closed";
  }

  async #catchUp(): Promise<void> {
    if (this.#known !== "unsure") return;
    const entries = await entriesAfter(this.#parts.store, this.callId, this.#reading.seq);
    this.#reading = readEntries(this.#reading, entries) ?? this.#reading;
    this.#known = "known";
  }

  async #write(happenings: readonly Happening[], at: number): Promise<void> {
    await this.#catchUp();
    if (this.isClosed) throw new StoreError("fenced", "The call is not this server's any more.");
    const before = this.#reading;
    const { entries, reading } = place(before, happenings, at);
    const { teamId, callId } = this;
    const { call } = reading;
    const commit = { teamId, callId, epoch: this.#epoch, entries, call, phase: phaseOf(call) };
    const result = await this.#parts.store.append(commit).catch((error: unknown) => {
      if (this.#known === "known") this.#known = "unsure";
      throw error;
    });
    this.#reading = reading;
    this.#announce(before, entries, result);
  }

  #announce(before: Reading | undefined, entries: readonly Entry[], { position, lane }: AppendResult): void {
    const { teamId, callId } = this;
    const stored = entries.map((entry, index): StoredEntry => ({
      ...entry,
      position: position + index,
      teamId,
      callId,
    }));
    if (lane !== null) this.#parts.handOver({ lane, before, entries: stored });
    this.#parts.bus.publish({ kind: "entries", teamId, callId, entries: stored });
  }
}

const pageMax = 500;

async function entriesAfter(store: Store, callId: CallId, after: number): Promise<StoredEntry[]> {
  const all: StoredEntry[] = [];
  for (;;) {
    const page = await store.entriesOfCall({ callId, after: all.at(-1)?.seq ?? after, limit: pageMax });
    all.push(...page);
    if (page.length < pageMax) return all;
  }
}

/** What is left to do for a call, read from the call as it will be written: answers of tools may come after the report. */
function phaseOf({ status, metrics }: Call): CallPhase {
  if (status !== "finished") return "live";
  return metrics === null ? "ending" : "closed";
}

/** Gives each happening its place: the next `seq`, and the next `sequence` if the application is told. */
function place(
  before: Reading | undefined,
  happenings: readonly Happening[],
  at: number,
): { entries: Entry[]; reading: Reading } {
  let reading = before;
  const entries: Entry[] = [];
  for (const what of happenings) {
    const tell = tellOf(what.type);
    const told = tell !== undefined && reading?.subscription?.messages.includes(tell) === true;
    const entry: Entry = {
      seq: (reading?.seq ?? 0) + 1,
      at,
      sequence: told ? (reading?.sequence ?? 0) + 1 : null,
      what,
    };
    entries.push(entry);
    reading = readEntries(reading, [entry]);
  }
  if (reading === undefined) throw new Error("a journal begins with an entry");
  return { entries, reading };
}
