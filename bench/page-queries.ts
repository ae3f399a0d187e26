import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
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
import { openApp, toConfig } from "@offhook/server";
import { openSqliteStore, type Store } from "@offhook/server/testing";

/*
 * What the page asks of a large store, and how long the answers take:
 *   npx node bench/page-queries.ts [calls, 100000 if not said]
 * Each call has ten entries, six of which its Server URL is told of; one call in
 * a hundred has dead letters, one in a thousand still waits. The limit in the
 * same run is GET /healthz: the way through the server without the store.
 */
const calls = Number(process.argv[2] ?? 100_000);
const rounds = 7;
const targetMs = 300;
const atOnce = 256;
const dayMs = 86_400_000;
const apiKey = "a-key-for-benches-only";
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

const folder = await mkdtemp(join(tmpdir(), "offhook-page-queries-"));
try {
  const begunAt = Date.now();
  const middle = await fill(folder);
  console.error(
    `${calls} calls with ${calls * 10} entries in ${((Date.now() - begunAt) / 1_000).toFixed(1)} s`,
  );
  await measure(folder, middle);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Answers with the id of a call in the middle of all. */
async function fill(into: string): Promise<CallId> {
  const store = await openSqliteStore(join(into, "offhook.sqlite"));
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
  await store.close();
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

async function measure(data: string, middle: CallId): Promise<void> {
  const env = {
    OFFHOOK_DATA: data,
    OFFHOOK_PORT: "0",
    OFFHOOK_API_KEY: apiKey,
    OFFHOOK_LOG_LEVEL: "error",
  } as const;
  const app = await openApp(toConfig(env));
  const list = "/calls/v1/conversations";
  const deliveries = "/events/v1/deliveries";
  const paths = {
    "no store at all (limit)": "/healthz",
    "calls, newest": `${list}?size=50`,
    "calls, behind one in the middle": `${list}?size=50&before=${middle}`,
    "calls, of a status": `${list}?size=50&status=finished`,
    "calls, of a status that none has": `${list}?size=50&status=ongoing`,
    "calls, of an assistant": `${list}?size=50&assistantId=asst_3`,
    "one call": `${list}/${middle}`,
    "one call's entries": `${list}/${middle}/events?limit=500`,
    "one call's deliveries": `${list}/${middle}/deliveries?size=200`,
    "deliveries, newest": `${deliveries}?size=50`,
    "deliveries, behind one in the middle": `${deliveries}?size=50&before=evt_${middle}_3`,
    "deliveries, dead": `${deliveries}?size=50&state=dead`,
    "deliveries, pending": `${deliveries}?size=50&state=pending`,
    "deliveries, of a type": `${deliveries}?size=50&type=conversation-update`,
    "deliveries, of an assistant": `${deliveries}?size=50&assistantId=asst_3`,
    "overview, an hour": "/events/v1/overview?minutes=60",
    "overview, a day": "/events/v1/overview?minutes=1440",
  };
  const results = [];
  for (const [name, path] of Object.entries(paths))
    results.push({ name, ...(await timesOf(app.url + path)) });
  await app.close();
  console.table(
    results.map(({ name, medianMs, worstMs }) => ({ name, medianMs, worstMs, fits: medianMs <= targetMs })),
  );
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "?"}, Node ${process.version}`;
  console.log(
    JSON.stringify({ bench: "page-queries", machine, calls, entries: calls * 10, targetMs, rounds, results }),
  );
}

/** The first request is one of the rounds: a person's first look counts. */
async function timesOf(address: string): Promise<{ medianMs: number; worstMs: number }> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const begunAt = performance.now();
    const answer = await fetch(address, { headers: { authorization: `Bearer ${apiKey}` } });
    await answer.text();
    if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
    times.push(performance.now() - begunAt);
  }
  const sorted = times.toSorted((one, other) => one - other);
  const round = (ms: number): number => Math.round(ms * 10) / 10;
  return { medianMs: round(sorted[Math.floor(rounds / 2)] ?? 0), worstMs: round(sorted.at(-1) ?? 0) };
}
