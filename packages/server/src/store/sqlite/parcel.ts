import { firstEpoch } from "../../store.ts";
import type { Job, Outcome } from "./engine.ts";
import type { Appended, CommitRow, EntryRow, LaneText, SettlementRow } from "../rows.ts";

/**
 * Jobs and outcomes as they cross between threads: one flat list of texts and
 * numbers for a whole group. What comes with every event is laid out field by
 * field; the rest, which is rare, is JSON. A list of objects takes several
 * times as long to copy, and JSON has its texts escaped, and read, once more.
 */
export type Parcel = (string | number | null)[];

export function packJobs(jobs: readonly Job[]): Parcel {
  const parcel: Parcel = [];
  for (const { name, input } of jobs) {
    parcel.push(name);
    if (name === "append") packCommit(parcel, input as CommitRow);
    else if (name === "settle") packSettlement(parcel, input as SettlementRow);
    else parcel.push(JSON.stringify(input));
  }
  return parcel;
}

export function unpackJobs(parcel: Parcel): Job[] {
  const reader = new Unpacking(parcel);
  const jobs: Job[] = [];
  while (!reader.isEmpty) jobs.push(reader.job());
  return jobs;
}

export function packOutcomes(jobs: readonly Job[], outcomes: readonly Outcome[]): Parcel {
  const parcel: Parcel = [];
  for (const [index, outcome] of outcomes.entries()) {
    const name = jobs[index]?.name;
    if (!outcome.ok) parcel.push("failed", JSON.stringify(outcome.error));
    else if (name === "append") packAppended(parcel, outcome.value as Appended);
    else if (name === "settle") packLane(parcel, outcome.value as LaneText | null);
    else packValue(parcel, outcome.value);
  }
  return parcel;
}

/** `jobs`: what the outcomes are of. */
export function unpackOutcomes(jobs: readonly Job[], parcel: Parcel): Outcome[] {
  const reader = new Unpacking(parcel);
  return jobs.map((job) => reader.outcome(job));
}

function packCommit(parcel: Parcel, row: CommitRow): void {
  const { teamId, callId, assistantId, status, phase, createdAt, call, last, lastConversation, at } = row;
  parcel.push(teamId, callId, assistantId, status, phase, createdAt, call, last, lastConversation, at);
  parcel.push(row.entries.length);
  for (const entry of row.entries) parcel.push(entry.seq, entry.at, entry.sequence, entry.type, entry.body);
}

function packSettlement(parcel: Parcel, row: SettlementRow): void {
  const { basedOn, settled, attempts, missed, retryAt, at, log, ...rest } = row;
  parcel.push(row.callId, basedOn.settled, basedOn.attempts, settled, attempts, missed, retryAt, at);
  parcel.push(log.length);
  for (const one of log) parcel.push(one.sequence, one.at, one.body);
  const { againDone, givenUp, recovered, notRecovered } = rest;
  const isPlain = againDone.length + givenUp.length + recovered.length + notRecovered.length === 0;
  parcel.push(isPlain ? null : JSON.stringify({ againDone, givenUp, recovered, notRecovered }));
}

/** JSON has no word for what is not there. */
function packValue(parcel: Parcel, value: unknown): void {
  parcel.push("value", value === undefined ? null : JSON.stringify(value));
}

function packAppended(parcel: Parcel, { position, lane }: Appended): void {
  parcel.push("appended", position);
  packLane(parcel, lane);
}

function packLane(parcel: Parcel, lane: LaneText | null): void {
  if (lane === null) return packValue(parcel, lane);
  const { teamId, settled, last, lastConversation, attempts, missed, again, dueAt } = lane;
  parcel.push("lane", teamId, settled, last, lastConversation, attempts, missed, again, dueAt);
}

/** What a settlement seldom has. */
type SettledBesides = Pick<SettlementRow, "againDone" | "givenUp" | "recovered" | "notRecovered">;

const nothingElse: SettledBesides = { againDone: [], givenUp: [], recovered: [], notRecovered: [] };

/** Takes a parcel apart, in the order in which it was packed. */
class Unpacking {
  readonly #parcel: Parcel;
  #next = 0;

  constructor(parcel: Parcel) {
    this.#parcel = parcel;
  }

  get isEmpty(): boolean {
    return this.#next >= this.#parcel.length;
  }

  job(): Job {
    const name = this.#text() as Job["name"];
    if (name === "append") return { name, input: this.#commit() };
    if (name === "settle") return { name, input: this.#settlement() };
    return { name, input: JSON.parse(this.#text()) as unknown };
  }

  outcome(of: Job): Outcome {
    const kind = this.#text();
    switch (kind) {
      case "failed":
        return { ok: false, error: JSON.parse(this.#text()) as { message: string; errcode?: number } };
      case "appended": {
        const position = this.#number();
        const lane = this.outcome(of);
        return { ok: true, value: { position, lane: lane.ok ? lane.value : null } };
      }
      case "lane":
        return { ok: true, value: this.#lane((of.input as CommitRow | SettlementRow).callId) };
      default:
        return { ok: true, value: this.#value() };
    }
  }

  #value(): unknown {
    const text = this.#textOrNull();
    return text === null ? undefined : JSON.parse(text);
  }

  #commit(): CommitRow {
    const row: CommitRow = {
      teamId: this.#text(),
      callId: this.#text(),
      // It does not cross: whoever has the folder's lock has held every call since it was opened.
      epoch: firstEpoch,
      assistantId: this.#textOrNull(),
      status: this.#text(),
      phase: this.#text(),
      createdAt: this.#number(),
      call: this.#textOrNull(),
      last: this.#number(),
      lastConversation: this.#number(),
      at: this.#number(),
      entries: [],
    };
    for (let left = this.#number(); left > 0; left -= 1) row.entries.push(this.#entry());
    return row;
  }

  #entry(): EntryRow {
    return {
      seq: this.#number(),
      at: this.#number(),
      sequence: this.#numberOrNull(),
      type: this.#text(),
      body: this.#text(),
    };
  }

  #settlement(): SettlementRow {
    const plain = {
      callId: this.#text(),
      basedOn: { settled: this.#number(), attempts: this.#number() },
      settled: this.#number(),
      attempts: this.#number(),
      missed: this.#text(),
      retryAt: this.#numberOrNull(),
      at: this.#number(),
    };
    const log: SettlementRow["log"] = [];
    for (let left = this.#number(); left > 0; left -= 1)
      log.push({ sequence: this.#number(), at: this.#number(), body: this.#text() });
    const rest = this.#textOrNull();
    return { ...plain, log, ...(rest === null ? nothingElse : (JSON.parse(rest) as SettledBesides)) };
  }

  /** The call's id is the asker's own text, so that it need not be hashed anew wherever it is looked up. */
  #lane(callId: string): LaneText {
    return {
      callId,
      teamId: this.#text(),
      settled: this.#number(),
      last: this.#number(),
      lastConversation: this.#number(),
      attempts: this.#number(),
      missed: this.#text(),
      again: this.#text(),
      dueAt: this.#numberOrNull(),
    };
  }

  #take(): Parcel[number] {
    const value = this.#parcel[this.#next];
    if (value === undefined) throw new Error("a parcel ended too early");
    this.#next += 1;
    return value;
  }

  #text(): string {
    const value = this.#take();
    if (typeof value !== "string")
      throw new TypeError(`a parcel has ${typeof value} where a text was packed`);
    return value;
  }

  #textOrNull(): string | null {
    return this.#parcel[this.#next] === null ? this.#nothing() : this.#text();
  }

  #number(): number {
    const value = this.#take();
    if (typeof value !== "number")
      throw new TypeError(`a parcel has ${typeof value} where a number was packed`);
    return value;
  }

  #numberOrNull(): number | null {
    return this.#parcel[this.#next] === null ? this.#nothing() : this.#number();
  }

  #nothing(): null {
    this.#next += 1;
    return null;
  }
}
