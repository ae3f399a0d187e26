import {
  assistantBody,
  type AssistantBody,
  type Attempt,
  type Call,
  type CallId,
  type CallStatus,
  defaultTeam,
  type Entry,
  type Format,
  type Happening,
  makeCallId,
  readEntries,
  type Reading,
  type TeamId,
  tellOf,
  tellTypes,
} from "@offhook/protocol";
import {
  type CallPhase,
  type Commit,
  type Destination,
  firstEpoch,
  type LaneRow,
  type OpenJournal,
  type Settlement,
} from "../../store.ts";

/** Epoch ms at which every sample begins. */
export const sampleBegin = Date.parse("2026-03-02T09:00:00.000Z");

export const otherTeam = "other" as TeamId;

export const sampleDestination: Destination = {
  assistantId: "asst_1",
  fallback: {
    url: "https://app.example/hook",
    timeoutSeconds: 20,
    secret: "whsec_c2FtcGxlLXNlY3JldA==",
    headers: { "x-clinic": "north" },
    auth: "signature",
  },
};

export const sampleAssistant: AssistantBody = assistantBody.parse({
  name: "Front desk",
  assistantServer: { url: "https://app.example/hook", secret: "whsec_c2FtcGxlLXNlY3JldA==" },
});

/** The id of the sample call of a number; ids are in the order of their numbers. */
export function sampleCallId(number: number): CallId {
  return makeCallId("chat", `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`);
}

export type SampleOptions = {
  teamId?: TeamId;
  destination?: Destination | null;
  format?: Format;
  createdAt?: number;
  /** When an entry happens; each a second after the one before if it is not given. */
  now?: () => number;
  call?: Partial<Call>;
};

/** The journal of a sample call: makes what is written, and knows what has been. */
export class SampleJournal {
  readonly callId: CallId;
  readonly teamId: TeamId;
  readonly entries: Entry[] = [];
  readonly #options: SampleOptions;
  #reading: Reading | undefined;

  constructor(number: number, options: SampleOptions = {}) {
    this.callId = sampleCallId(number);
    this.teamId = options.teamId ?? defaultTeam;
    this.#options = options;
  }

  /** The call as it stands. */
  get call(): Call {
    return this.reading.call;
  }

  /** The call as its entries tell it. */
  get reading(): Reading {
    if (this.#reading === undefined) throw new Error("the journal has not been opened");
    return this.#reading;
  }

  /** The first entries: the call's creation, and what follows. */
  open(...happenings: readonly Happening[]): OpenJournal & Commit {
    const { destination = sampleDestination } = this.#options;
    const commit = this.write(this.#created(), ...happenings);
    return { ...commit, destination, assistant: sampleAssistant };
  }

  /** More entries. */
  write(...happenings: readonly Happening[]): Commit {
    const entries = happenings.map((what) => this.#place(what));
    const { teamId, callId, call } = this;
    return { teamId, callId, epoch: firstEpoch, entries, call, phase: phaseOf(call) };
  }

  #place(what: Happening): Entry {
    const seq = this.entries.length + 1;
    const begin = this.#options.createdAt ?? sampleBegin;
    const isTold = tellOf(what.type) !== undefined && this.#reading?.subscription != null;
    const sequence = isTold ? (this.#reading?.sequence ?? 0) + 1 : null;
    const at = this.#options.now?.() ?? begin + (seq - 1) * 1_000;
    const entry: Entry = { seq, at, sequence, what };
    this.entries.push(entry);
    this.#reading = readEntries(this.#reading, [entry]);
    return entry;
  }

  #created(): Happening {
    const { destination, format = "2025-04" } = this.#options;
    return {
      type: "call-created",
      call: sampleCall(this.callId, this.teamId, this.#options),
      customer: { number: "web-ada", name: "Ada" },
      phone: { number: "", provider: { name: "" } },
      assistant: { _id: "asst_1", name: "Front desk", assistantSystemPrompt: "Book slots." },
      subscription: destination === null ? null : { messages: [...tellTypes], format },
    };
  }
}

function sampleCall(callId: CallId, teamId: TeamId, { createdAt = sampleBegin, call }: SampleOptions): Call {
  const time = new Date(createdAt).toISOString();
  return {
    id: callId,
    teamId,
    assistantId: "asst_1",
    callType: "chat",
    direction: "inbound",
    startAt: null,
    endAt: null,
    userNumber: "web-ada",
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
    createdAt: time,
    updatedAt: time,
    ...call,
  };
}

function phaseOf({ status, metrics }: Call): CallPhase {
  if (status !== "finished") return "live";
  return metrics === null ? "ending" : "closed";
}

/** Somebody says something; told as a conversation-update. */
export function spoken(text: string, role: "user" | "assistant" = "user"): Happening {
  const message = { messageId: `msg_${text.slice(0, 20)}`, role, text, timestamp: sampleBegin };
  return { type: "message-added", heard: "whole", message };
}

/** The call's status changes; told as a status-update. */
export function becomes(status: CallStatus): Happening {
  if (status !== "finished") return { type: "status-changed", status };
  return { type: "status-changed", status, endedReason: "user-hung-up", callEndTriggerBy: "user" };
}

/** A turn begins; nobody is told. */
export const untold: Happening = { type: "turn-started", turnId: "turn_1", cause: "user" };

/** The last of a call; told as its report. */
export const reported: Happening = {
  type: "reported",
  cost: {
    callDuration: 12,
    llmPromptTokens: 100,
    llmCompletionTokens: 20,
    llmRequestsUncounted: 0,
    llmCost: null,
    currency: "USD",
  },
  metrics: {
    turns: 1,
    toolCalls: 0,
    toolFailures: 0,
    hangs: 0,
    errors: 0,
    llm: { requests: 1, firstContentMs: { p50: 300, p95: 300, max: 300 } },
  },
};

/** One attempt, as it is logged. */
export function sampleAttempt(attempt: number, outcome: Attempt["outcome"], at = sampleBegin): Attempt {
  const status = outcome === "accepted" ? 200 : 500;
  return {
    attempt,
    at,
    elapsedMs: 12,
    phases: { dnsMs: 1, connectMs: 2, tlsMs: null, firstByteMs: 9 },
    outcome,
    detail: `answered ${status}`,
    request: { url: "https://app.example/hook", headers: { "webhook-id": "evt" } },
    answer: { status, headers: { "content-type": "text/plain" }, body: "ok" },
  };
}

/** A settlement that leaves the lane as it is, with changes. */
export function settlement(lane: LaneRow, changes: Partial<Settlement>): Settlement {
  const { callId, settled, attempts, missed } = lane;
  const basedOn = { settled, attempts };
  const still = { callId, basedOn, settled, attempts, missed, againDone: [], retryAt: null, at: sampleBegin };
  return { ...still, log: [], givenUp: [], recovered: [], notRecovered: [], ...changes };
}

/** The head was accepted. */
export function acceptance(lane: LaneRow, at = sampleBegin): Settlement {
  const sequence = lane.settled + 1;
  const log = [{ sequence, attempt: sampleAttempt(lane.attempts + 1, "accepted", at) }];
  return settlement(lane, { settled: sequence, attempts: 0, missed: [], at, log });
}

/** The head was given up. */
export function loss(lane: LaneRow, state: "superseded" | "dead", at = sampleBegin): Settlement {
  const sequence = lane.settled + 1;
  const givenUp = [{ sequence, state, reason: `${state} for the test` }];
  return settlement(lane, {
    settled: sequence,
    attempts: 0,
    missed: [...lane.missed, sequence],
    at,
    givenUp,
  });
}

/** The head failed and waits. */
export function failure(lane: LaneRow, retryAt: number, at = sampleBegin): Settlement {
  const attempts = lane.attempts + 1;
  const log = [{ sequence: lane.settled + 1, attempt: sampleAttempt(attempts, "refused", at) }];
  return settlement(lane, { attempts, retryAt, at, log });
}
