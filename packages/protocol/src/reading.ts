import type { Call, Customer } from "./call.ts";
import type { Entry, Happening, HappeningOf } from "./entry.ts";
import type { Message } from "./message.ts";

/** A call as its journal tells it, up to one entry. */
export type Reading = {
  call: Call;
  customer: Customer;
  phone: { number: string; provider: { name: string } };
  assistant: Record<string, unknown>;
  subscription: HappeningOf<"call-created">["subscription"];
  messages: readonly Message[];
  /** The last entry read. */
  seq: number;
  /** The last sequence given to the Server URL; 0 before the first. */
  sequence: number;
};

/**
 * Reads one entry more. The first entry of a journal is `call-created`;
 * anything else without a reading is a fault of the journal and throws.
 */
export function readEntry(before: Reading | undefined, entry: Entry): Reading {
  if (before === undefined) return begin(entry);
  const call = readCall(before.call, entry.what, entry.at);
  const messages =
    entry.what.type === "message-added" ? [...before.messages, entry.what.message] : before.messages;
  return { ...before, call, messages, seq: entry.seq, sequence: entry.sequence ?? before.sequence };
}

/** Reads a whole journal, or more of one. */
export function readEntries(before: Reading | undefined, entries: Iterable<Entry>): Reading | undefined {
  let reading = before;
  for (const entry of entries) reading = readEntry(reading, entry);
  return reading;
}

function begin(entry: Entry): Reading {
  const { what } = entry;
  if (what.type !== "call-created") throw new Error(`a journal begins with call-created, not ${what.type}`);
  return {
    call: what.call,
    customer: what.customer,
    phone: what.phone,
    assistant: what.assistant,
    subscription: what.subscription,
    messages: [],
    seq: entry.seq,
    sequence: entry.sequence ?? 0,
  };
}

function readCall(call: Call, what: Happening, at: number): Call {
  switch (what.type) {
    case "status-changed":
      return readStatus(call, what, timeOf(at));
    case "message-added":
      return { ...call, updatedAt: timeOf(at) };
    case "analysis-finished":
      return { ...call, analysis: what.analysis, updatedAt: timeOf(at) };
    case "analysis-updated":
      return { ...call, analysis: what.analysis, cost: what.cost, updatedAt: timeOf(at) };
    case "reported":
      return { ...call, cost: what.cost, metrics: what.metrics, updatedAt: timeOf(at) };
    default:
      return call;
  }
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}

function readStatus(call: Call, what: HappeningOf<"status-changed">, now: string): Call {
  const { status } = what;
  if (status === "ongoing") return { ...call, status, startAt: now, updatedAt: now };
  if (status !== "finished") return { ...call, status, updatedAt: now };
  return {
    ...call,
    status,
    updatedAt: now,
    endAt: now,
    endedReason: what.endedReason ?? call.endedReason,
    callEndTriggerBy: what.callEndTriggerBy ?? call.callEndTriggerBy,
    assistantCallDuration:
      call.startAt === null ? 0 : Math.max(0, Date.parse(now) - Date.parse(call.startAt)),
  };
}
