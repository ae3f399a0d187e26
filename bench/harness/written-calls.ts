import {
  assistantBody,
  type Attempt,
  type Call,
  type CallId,
  defaultTeam,
  type Entry,
  type Happening,
  makeCallId,
  readEntries,
  tellOf,
} from "@offhook/protocol";
import type { Store } from "@offhook/server/testing";

/** Calls that were told of, written into a store as they would have been over a week. */

const dayMs = 86_400_000;
/** How many calls are being written at a time. */
const atOnce = 256;
const url = "https://app.example.org/offhook";
const assistant = assistantBody.parse({
  name: "Front desk",
  assistantServer: { url, secret: "a-secret-here" },
});

const settings = {
  url,
  timeoutSeconds: 20,
  secret: "a-secret-here",
  headers: {},
  auth: "signature" as const,
};

/** How many entries each of the calls has; six of them are told to its Server URL. */
export const entriesPerCall = 10;

const blank: Omit<Call, "id" | "assistantId" | "createdAt" | "updatedAt"> = {
  teamId: defaultTeam,
  callType: "chat",
  direction: "inbound",
  startAt: null,
  endAt: null,
  userNumber: "+442079460958",
  assistantNumber: "",
  status: "queued",
  phoneCallStatus: "",
  phoneCallStatusReason: "",
  callEndTriggerBy: "",
  endedReason: null,
  assistantCallDuration: 0,
  analysis: {},
  recording: {},
  assistantOverrides: {},
  metadata: {},
  cost: null,
  metrics: null,
};

/**
 * Writes so many calls; one in a hundred has dead letters, one in a thousand
 * still waits. Answers with the id of one in the middle of all.
 */
export async function writeCalls(store: Store, calls: number): Promise<CallId> {
  const beginning = Date.now() - 7 * dayMs;
  let next = 0;
  const write = async (): Promise<void> => {
    while (next < calls) {
      const number = next;
      next += 1;
      await writeCall(store, number, beginning + (number / calls) * 7 * dayMs);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, write));
  return idOf(Math.floor(calls / 2));
}

function idOf(number: number): CallId {
  return makeCallId("chat", `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`);
}

async function writeCall(store: Store, number: number, createdAt: number): Promise<void> {
  const callId = idOf(number);
  const entries = entriesOf(callId, Math.round(createdAt));
  const reading = readEntries(undefined, entries);
  if (reading === undefined) throw new Error("a journal without entries");
  const waits = number % 1_000 === 999;
  await store.openJournal({
    teamId: defaultTeam,
    callId,
    entries,
    call: reading.call,
    phase: "closed",
    destination: { assistantId: reading.call.assistantId, fallback: settings },
    assistant,
  });
  if (!waits) await store.settle(settlementOf(callId, entries, number % 100 === 0));
}

function settlementOf(callId: CallId, entries: readonly Entry[], isDead: boolean) {
  const told = entries.flatMap(({ sequence, at }) => (sequence === null ? [] : [{ sequence, at }]));
  const last = told.at(-1)?.sequence ?? 0;
  return {
    callId,
    basedOn: { settled: 0, attempts: 0 },
    settled: last,
    attempts: 0,
    missed: [],
    againDone: [],
    retryAt: null,
    at: told.at(-1)?.at ?? 0,
    log: told.map(({ sequence, at }) => ({ sequence, attempt: attemptAt(at, isDead) })),
    givenUp: isDead
      ? told.map(({ sequence }) => ({ sequence, state: "dead" as const, reason: "answered 410 Gone" }))
      : [],
    recovered: [],
    notRecovered: [],
  };
}

function attemptAt(at: number, isDead: boolean): Attempt {
  return {
    attempt: 1,
    at,
    elapsedMs: 12,
    phases: { dnsMs: 1, connectMs: 2, tlsMs: 4, firstByteMs: 11 },
    outcome: isDead ? "gone" : "accepted",
    detail: isDead ? "answered 410 Gone" : "answered 200 OK",
    request: { url, headers: { "content-type": "application/json", "webhook-signature": "v1,••••••••" } },
    answer: { status: isDead ? 410 : 200, headers: { "content-type": "application/json" }, body: "{}" },
  };
}

function entriesOf(callId: CallId, createdAt: number): Entry[] {
  let sequence = 0;
  return happenings(callId, createdAt).map((what, index) => {
    const isTold = tellOf(what.type) !== undefined;
    if (isTold) sequence += 1;
    return { seq: index + 1, at: createdAt + index * 500, sequence: isTold ? sequence : null, what };
  });
}

function happenings(callId: CallId, createdAt: number): Happening[] {
  const turnId = "turn_1";
  const said = (role: "user" | "assistant", text: string): Happening => ({
    type: "message-added",
    message: { messageId: `msg_${role}`, role, text, timestamp: createdAt },
    heard: "whole",
  });
  return [
    created(callId, createdAt),
    { type: "status-changed", status: "queued" },
    { type: "status-changed", status: "ongoing" },
    said("assistant", "Hello, this is the reception of the clinic. What can I do for you?"),
    { type: "turn-started", turnId, cause: "user" },
    said("user", "I need an appointment on Monday, please, in the morning if there is one."),
    {
      type: "model-answered",
      replyId: "reply_1",
      turnId,
      outcome: "kept",
      firstContentMs: 420,
      totalMs: 1_300,
    },
    said("assistant", "On Monday I have half past nine or two o'clock. Which one would you like?"),
    { type: "turn-ended", turnId, outcome: "answered" },
    { type: "status-changed", status: "finished", endedReason: "user-hung-up", callEndTriggerBy: "user" },
  ];
}

function created(callId: CallId, createdAt: number): Happening {
  const time = new Date(createdAt).toISOString();
  const call: Call = {
    ...blank,
    id: callId,
    assistantId: `asst_${createdAt % 5}`,
    createdAt: time,
    updatedAt: time,
  };
  return {
    type: "call-created",
    call,
    customer: { number: "+442079460958" },
    phone: { number: "", provider: { name: "" } },
    assistant: { name: "Front desk" },
    subscription: { messages: ["status-update", "conversation-update"], format: "2025-04" },
  };
}
