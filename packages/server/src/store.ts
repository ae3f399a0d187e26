import type {
  AssistantBody,
  Attempt,
  AttemptOutcome,
  Call,
  CallId,
  CallStatus,
  Delivery,
  DeliveryState,
  Entry,
  ServerTls,
  HappeningType,
  TeamId,
  TellType,
} from "@offhook/protocol";

/**
 * What is kept. Every method is one transaction: when its promise resolves,
 * the change is on disk and survives a kill at any instant.
 */
export interface Store extends Journals, Lanes, Documents, Keys, Upkeep, Nodes {
  close(): Promise<void>;
}

/** An entry with its place among all entries of the store. */
export type StoredEntry = Entry & { position: number; teamId: TeamId; callId: CallId };

/** A call's first entries, with what its lane needs. */
export type OpenJournal = Omit<Commit, "epoch"> & {
  /** Where this call's events go; null when it has no Server URL. */
  destination: Destination | null;
  /** The assistant as it answers in this call, secrets included: kept beside the journal, never shown. */
  assistant: AssistantBody;
};

/** More entries of a call, and the call as they leave it. */
export type Commit = {
  teamId: TeamId;
  callId: CallId;
  /** Since when its writer holds the call: {@link firstEpoch}, or as {@link Journals.takeCalls} said. */
  epoch: number;
  entries: readonly Entry[];
  call: Call;
  /** `closed` once nothing is left to do but deliver. */
  phase: CallPhase;
};

/** The epoch of a call that is held by the server that opened it. */
export const firstEpoch = 1;

/** A call that was taken; `epoch` is larger than that of everyone who held it before. */
export type TakenCall = { teamId: TeamId; callId: CallId; epoch: number };

/** `live` until it is finished, `ending` until it is reported, then `closed`. */
export type CallPhase = "live" | "ending" | "closed";

export interface Journals {
  openJournal(opening: OpenJournal): Promise<AppendResult>;
  /** Fails with `journal-conflict` if another has written the same `seq`, and with `fenced` if another has taken the call. */
  append(commit: Commit): Promise<AppendResult>;
  entriesOfCall(query: { callId: CallId; after: number; limit: number }): Promise<StoredEntry[]>;
  entriesOfTeam(query: { teamId: TeamId; after: number; limit: number }): Promise<StoredEntry[]>;
  /** The last position that was given, to whichever team; 0 before the first. Positions are never used again. */
  lastPosition(): Promise<number>;
  /** The assistant that the call was opened with. */
  assistantOfCall(query: { callId: CallId }): Promise<AssistantBody | undefined>;
  findCall(query: { teamId: TeamId; callId: CallId }): Promise<Call | undefined>;
  listCalls(query: CallsFilter): Promise<{ calls: Call[]; totalCount: number }>;
  /** Takes calls that are not `closed` and that no server holds which is there: this one holds them now. By their ids, after one. */
  takeCalls(query: { after: string; limit: number }): Promise<TakenCall[]>;
}

export type AppendResult = {
  /** Position of the first entry written; the rest follow without a gap. */
  position: number;
  /** The call's lane after it; null when it has none, or when another server sends what is in it. */
  lane: LaneRow | null;
};

export type CallsFilter = {
  teamId: TeamId;
  /** Epoch ms, inclusive, of `createdAt`. */
  from?: number;
  to?: number;
  status?: CallStatus;
  assistantId?: string;
  /** Those that were created before this one. */
  before?: CallId;
  offset: number;
  limit: number;
};

/** Where the events of a call go. The settings in force are the assistant's present ones; `fallback` serves when it is gone. */
export type Destination = { assistantId: string | null; fallback: ServerSettings };

/** What an attempt needs of a Server URL. */
export type ServerSettings = {
  url: string;
  timeoutSeconds: number;
  secret?: string;
  /** Signs beside `secret` until then, in epoch ms, so that the application can change over. */
  previousSecret?: { secret: string; until: number } | undefined;
  headers: Record<string, string>;
  auth: "signature" | "header" | "both";
  tls?: ServerTls | undefined;
};

/** A call's way to its Server URL, as it is kept. */
export type LaneRow = {
  teamId: TeamId;
  callId: CallId;
  destination: Destination;
  /** The last sequence that was settled: accepted or given up. */
  settled: number;
  /** The last sequence that was written. */
  last: number;
  /** The last sequence that is a conversation-update; 0 when there is none. */
  lastConversation: number;
  /** Attempts made at the first new event. */
  attempts: number;
  /** Given up since the last accepted one. */
  missed: number[];
  /** Sequences to send again, before anything new. */
  again: number[];
  /** Epoch ms of the next attempt; null when there is nothing to send. */
  dueAt: number | null;
};

/** A change of a lane after an attempt, or after superseding. */
export type Settlement = {
  callId: CallId;
  /** The lane that it is based on; when another has moved it since, nothing is changed and it fails with `journal-conflict`. */
  basedOn: { settled: number; attempts: number };
  settled: number;
  attempts: number;
  missed: readonly number[];
  /** The sequences that are off the `again` list. */
  againDone: readonly number[];
  /** When to try again; null: at once if there is more, else not at all. What is to be sent again is sent at once. */
  retryAt: number | null;
  at: number;
  /** Attempts to log, by sequence. */
  log: { sequence: number; attempt: Attempt }[];
  givenUp: { sequence: number; state: "superseded" | "dead"; reason: string }[];
  /** Sequences given up before that have now been accepted. */
  recovered: number[];
  /** Sequences that were sent again and not accepted: those that were given up are so for this reason. */
  notRecovered: { sequence: number; reason: string }[];
  /** Nothing waits for it: it may go with the next write, a moment later. */
  haste?: "with-others";
};

/** Where several servers share a store, a lane with something to send is one server's, as long as that one is there. */
export interface Lanes {
  findLane(callId: CallId): Promise<LaneRow | undefined>;
  /** Lanes with something to send at `now`, the longest waiting first; they are this server's from now on. */
  dueLanes(query: {
    now: number;
    limit: number;
    after?: { dueAt: number; callId: string };
  }): Promise<LaneRow[]>;
  /** When the next lane that is not due yet will be; null when none is waiting. */
  nextDueAt(query: { now: number }): Promise<number | null>;
  /** Fails with `journal-conflict` when another has moved the lane, or it is another server's. One without anything due is let go. */
  settle(settlement: Settlement): Promise<LaneRow>;
  /** Puts sequences in the lane's `again`, in order; leaves out those that were never settled. */
  sendAgain(query: { callId: CallId; sequences: number[]; now: number }): Promise<LaneRow | undefined>;
  listDeliveries(query: DeliveriesFilter): Promise<{ deliveries: Delivery[]; totalCount: number }>;
  findDelivery(query: { teamId: TeamId; callId: CallId; sequence: number }): Promise<Delivery | undefined>;
  attemptsOf(query: { callId: CallId; sequence: number; limit: number }): Promise<Attempt[]>;
  /** The run of sequences that were given up directly before this one. */
  missedBefore(query: { callId: CallId; sequence: number }): Promise<number[]>;
}

export type DeliveriesFilter = {
  teamId: TeamId;
  callId?: CallId | undefined;
  state?: DeliveryState | undefined;
  type?: TellType | undefined;
  assistantId?: string | undefined;
  /** Epoch ms, inclusive, of the happening that is told. */
  from?: number | undefined;
  to?: number | undefined;
  /** Those that happened before this one. */
  before?: { callId: CallId; sequence: number } | undefined;
  offset: number;
  limit: number;
};

/** What is still to be delivered. */
export type Backlog = {
  /** Events that are neither accepted nor given up. */
  undelivered: number;
  /** Calls that have some, and of these those that wait after a failed attempt. */
  lanes: number;
  blocked: number;
  /** Epoch ms of the oldest of these events; null when there is none. */
  oldestAt: number | null;
};

/** What was forgotten in one go. */
export type Forgotten = { calls: number; entries: number; deadLetters: number };

export type ActivityQuery = {
  teamId: TeamId;
  /** Epoch ms. */
  from: number;
  /** Of entries, and of attempts, no more than so many of the latest are looked at. */
  rowsMax: number;
};

/** What happened in a team's calls since a time, in the order in which it was written. */
export type Activity = {
  /** From when on nothing was left out, in epoch ms. */
  since: number;
  /** Calls that are not finished. */
  live: number;
  /** As {@link Backlog}, of this team. */
  waiting: { events: number; calls: number; oldestAt: number | null };
  /** Turns, answers of models and tools, hangs and errors; with how long until the first content, and the whole. */
  moments: { type: HappeningType; at: number; firstMs: number | null; wholeMs: number | null }[];
  attempts: { at: number; outcome: AttemptOutcome; elapsedMs: number; url: string }[];
};

export interface Upkeep {
  activity(query: ActivityQuery): Promise<Activity>;
  /** Settles when something has been written and is on disk: the store can do its work. */
  check(): Promise<void>;
  backlog(): Promise<Backlog>;
  /** Bytes in use, or a measure of what is kept; what was forgotten leaves room that is used again. */
  size(): Promise<number>;
  /**
   * Forgets up to so many calls that began before a time, the oldest first:
   * journal, attempts, dead letters. Only calls that are closed and have
   * nothing left to send. A store that keeps days apart may forget a whole day
   * at once, and more calls with it than it was asked to.
   */
  forget(query: { before: number; limit: number }): Promise<Forgotten>;
}

/** `answer`: the last good answer to an `assistant-request`, by the number's id or `server`. */
export type DocumentKind = "assistant" | "tool" | "number" | "answer";

/** A JSON document of a team. */
export type Document = {
  id: string;
  teamId: TeamId;
  body: Record<string, unknown>;
  createdAt: number;
  updatedAt: number;
};

export interface Documents {
  saveDocument(kind: DocumentKind, document: Document): Promise<void>;
  findDocument(kind: DocumentKind, whom: { teamId: TeamId; id: string }): Promise<Document | undefined>;
  listDocuments(
    kind: DocumentKind,
    query: { teamId: TeamId; offset: number; limit: number },
  ): Promise<{ documents: Document[]; totalCount: number }>;
  /** Whether there was one. */
  deleteDocument(kind: DocumentKind, whom: { teamId: TeamId; id: string }): Promise<boolean>;
}

/** An API key as it is kept: its hash, never the key. */
export type ApiKey = { hash: string; teamId: TeamId; name: string; createdAt: number };

export type DeleteKey = { teamId: TeamId; hashBegin: string; mayBeLast: boolean };

/** What became of a key that was to be deleted; `configured` is one that is let in by the configuration as well. */
export type DeletedKey = "deleted" | "unknown" | "last" | "configured";

export interface Keys {
  saveKey(key: ApiKey): Promise<void>;
  findKey(query: { hash: string }): Promise<{ teamId: TeamId; name: string } | undefined>;
  countKeys(): Promise<number>;
  /** The newest first. */
  listKeys(query: {
    teamId: TeamId;
    offset: number;
    limit: number;
  }): Promise<{ keys: ApiKey[]; totalCount: number }>;
  /** Deletes the team's key whose hash begins so. Its last one is spared, unless there is another way in. */
  deleteKey(query: DeleteKey): Promise<DeletedKey>;
  /** A secret of the server's own, by name: the one kept, or `value` if there was none. */
  keepSecret(secret: { name: string; value: string }): Promise<string>;
}

/** A server among those that share a store. */
export type NodeNote = {
  /** Of this start of it: a server that starts again is another node. */
  nodeId: string;
  /** Where the others reach it, without a slash at the end. */
  url: string;
  roles: readonly NodeRole[];
  /** Live calls that it holds, and whether it takes more. */
  live: number;
  takesCalls: boolean;
};

export const nodeRoles = ["api", "calls", "delivery"] as const;
export type NodeRole = (typeof nodeRoles)[number];

/**
 * The servers that share a store. A node is there as long as its lease runs,
 * by the store's clock, whatever its own says; when it ran out, others may
 * take its calls and lanes. Who has kept no lease is a guest: it holds
 * nothing, and may do whatever no node is doing that is there.
 */
export interface Nodes {
  /** Whether other servers may use the same store. Where it is false nobody else can be there, and leases run for ever. */
  readonly isShared: boolean;
  /**
   * Makes the node's lease run for so long from now, the first time and again;
   * from then on what this store does is done as that node. `lapsed`: it had
   * run out, and is over: whoever goes on does so under another id. `now` is
   * the store's time, in epoch ms; null where it has no clock of its own.
   */
  keepLease(node: NodeNote & { leaseMs: number }): Promise<{ lease: "runs" | "lapsed"; now: number | null }>;
  /** Ends this node's lease: what it holds is free at once. */
  dropLease(): Promise<void>;
  /** Lets go of calls that this node holds, for others to take. */
  releaseCalls(query: { callIds: readonly CallId[] }): Promise<void>;
  /** The calls that this node holds and that are not `closed`; none where nobody else can hold any. */
  heldCalls(): Promise<CallId[]>;
  /** The node that holds a call that is not `closed`, if it is there. */
  holderOf(query: { callId: CallId }): Promise<NodeNote | undefined>;
  /** Every node that is there. */
  nodes(): Promise<NodeNote[]>;
}

/** Why a store could not do it; the sentence says what to do. */
export class StoreError extends Error {
  readonly code: "journal-conflict" | "fenced" | "full" | "locked" | "corrupt" | "sealed" | "unavailable";
  /** Whether it may have been done all the same: an answer was lost on its way. */
  readonly mayBeDone: boolean;
  constructor(
    code: StoreError["code"],
    message: string,
    options: ErrorOptions & { mayBeDone?: boolean } = {},
  ) {
    super(message, options);
    this.code = code;
    this.mayBeDone = options.mayBeDone ?? false;
  }
}
