import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  eventId,
  happeningsOf,
  tellOf,
  type Call,
  type CallId,
  type Delivery,
  type HappeningType,
  type TeamId,
} from "@offhook/protocol";
import {
  type CallPhase,
  type Destination,
  firstEpoch,
  type LaneRow,
  type NodeNote,
  type Nodes,
  type Store,
  StoreError,
} from "../../store.ts";
import { type Input, isWrite, openEngine, type OperationName, type Outcome, type Output } from "./engine.ts";
import { refusalOf } from "./refusal.ts";
import * as rows from "./rows.ts";
import { openThreads } from "./thread.ts";
import { countWrites, type Log } from "./write-ahead-log.ts";

type Run = <Name extends OperationName>(name: Name, input: Input<Name>) => Promise<Output<Name>>;

/** Opens the embedded store: SQLite with every commit on disk before it is answered, on threads of its own. */
export async function openSqliteStore(path: string): Promise<Store> {
  await makeFolder(dirname(path));
  const release = lockFolder(path);
  try {
    return await storeOf(path, release);
  } catch (error) {
    release();
    throw error;
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const options = { cause: error };
    throw new StoreError(
      "unavailable",
      `The data folder cannot be made (${message}): check OFFHOOK_DATA.`,
      options,
    );
  }
}

async function storeOf(path: string, release: () => void): Promise<Store> {
  const { writer, reader } = await openThreads(path);
  // What a server that was killed left in the log: killed again and again, it would grow without end.
  void reader.checkpoint();
  const file = await open(path, "r+");
  // What cannot be flushed stays in the log too, and the next move tries again.
  const flush = (): Promise<void> => file.datasync().catch(() => undefined);
  const run = onThreads({ writer, reader, flush });
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await reader.close();
    await writer.close();
    // Last, for POSIX has a process lose all its locks on a file when it closes it once.
    await file.close();
    release();
  };
  return storeOn(run, () => (closed ??= close()));
}

/**
 * Keeps other servers away from the same data: two would take each other's
 * live calls for lost ones. The lock is the system's, and goes with the process.
 */
function lockFolder(path: string): () => void {
  try {
    const lock = new DatabaseSync(`${path}.lock`);
    lock.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
    return () => lock.close();
  } catch (error) {
    const errcode = error instanceof Error && "errcode" in error ? Number(error.errcode) : 0;
    throw refusalOf({ message: error instanceof Error ? error.message : String(error), errcode });
  }
}

/** The same store on the caller's own thread, in memory or in a file: for tests on a virtual clock. */
export function openLocalStore(path = ":memory:"): Store {
  const engine = openEngine(path);
  const run: Run = async (name, input) => {
    const [outcome] = engine.do([{ name, input }]);
    if (outcome === undefined) throw new Error("the engine gave no outcome");
    return valueOf<typeof name>(outcome);
  };
  return storeOn(run, async () => engine.close());
}

function onThreads({ writer, reader, flush }: Log): Run {
  const wrote = countWrites({ writer, reader, flush });
  return async (name, input) => {
    if (!isWrite(name)) return valueOf<typeof name>(await reader.ask({ name, input }));
    const outcome = await writer.ask({ name, input });
    wrote();
    return valueOf<typeof name>(outcome);
  };
}

/** The engine's answer has the type that goes with the job's name; threads lose it. */
function valueOf<Name extends OperationName>(outcome: Outcome): Output<Name> {
  if (!outcome.ok) throw refusalOf(outcome.error);
  return outcome.value as Output<Name>;
}

function storeOn(run: Run, close: () => Promise<void>): Store {
  const known = new KnownDestinations(run);
  return {
    ...journals(run, known),
    ...lanes(run, known),
    ...documents(run),
    ...keys(run),
    ...upkeep(run),
    ...alone(),
    close,
  };
}

function journals(run: Run, known: KnownDestinations) {
  /** Calls as they are in the store: the same is not written twice. */
  const written = new WeakMap<Call, CallPhase>();
  return {
    openJournal: async (opening) => {
      const { position, lane } = await run("openJournal", rows.openingRow(opening));
      if (opening.destination !== null) known.keep(opening.callId, opening.destination);
      return { position, lane: await known.laneOf(lane) };
    },
    append: async (commit) => {
      const { call, phase } = commit;
      const text = written.get(call) === phase ? null : JSON.stringify(call);
      const { position, lane } = await run("append", rows.commitRow(commit, text));
      written.set(call, phase);
      return { position, lane: await known.laneOf(lane) };
    },
    entriesOfCall: async (query) => (await run("entriesOfCall", query)).map(rows.storedEntry),
    lastPosition: () => run("lastPosition", null),
    entriesOfTeam: async (query) => (await run("entriesOfTeam", query)).map(rows.storedEntry),
    assistantOfCall: async (query) => {
      const text = await run("assistantOfCall", query);
      return text === null ? undefined : rows.assistantOf(text);
    },
    findCall: async (query) => {
      const text = await run("findCall", query);
      return text === null ? undefined : rows.callOf(text);
    },
    listCalls: async (filter) => {
      const { calls, totalCount } = await run("listCalls", filter);
      return { calls: calls.map(rows.callOf), totalCount };
    },
    // The lock on the folder is the fence: whoever has it holds all calls.
    takeCalls: async (query) =>
      (await run("unclosedCalls", query)).map(({ callId, teamId }) => ({
        callId: callId as CallId,
        teamId: teamId as TeamId,
        epoch: firstEpoch,
      })),
  } satisfies Partial<Store>;
}

function lanes(run: Run, known: KnownDestinations) {
  return {
    findLane: async (callId) => (await known.laneOf(await run("findLane", { callId }))) ?? undefined,
    dueLanes: async (query) =>
      (await run("dueLanes", query)).map(({ destination, ...lane }) =>
        rows.laneRow(lane, rows.destinationOf(destination)),
      ),
    nextDueAt: (query) => run("nextDueAt", query),
    settle: async (settlement) => {
      const lane = await known.laneOf(await run("settle", rows.settlementRow(settlement)));
      if (lane === null) throw new Error(`no lane of call ${settlement.callId}`);
      return lane;
    },
    sendAgain: async (query) => (await known.laneOf(await run("sendAgain", query))) ?? undefined,
    listDeliveries: async ({ type, ...filter }) => {
      const types = type === undefined ? null : JSON.stringify(happeningsOf(type));
      const { deliveries, totalCount } = await run("listDeliveries", { ...filter, types });
      return { deliveries: deliveries.map(deliveryOf), totalCount };
    },
    findDelivery: async (query) => {
      const row = await run("findDelivery", query);
      return row === null ? undefined : deliveryOf(row);
    },
    attemptsOf: async (query) => (await run("attemptsOf", query)).map(rows.attemptOf),
    missedBefore: (query) => run("missedBefore", query),
  } satisfies Partial<Store>;
}

function documents(run: Run) {
  return {
    saveDocument: (kind, document) => run("saveDocument", { kind, document: rows.documentRow(document) }),
    findDocument: async (kind, whom) => {
      const row = await run("findDocument", { kind, ...whom });
      return row === null ? undefined : rows.documentOf(row);
    },
    listDocuments: async (kind, query) => {
      const { documents: found, totalCount } = await run("listDocuments", { kind, ...query });
      return { documents: found.map(rows.documentOf), totalCount };
    },
    deleteDocument: (kind, whom) => run("deleteDocument", { kind, ...whom }),
  } satisfies Partial<Store>;
}

function keys(run: Run) {
  return {
    saveKey: (key) => run("saveKey", key),
    findKey: (query) => run("findKey", query),
    countKeys: () => run("countKeys", null),
    listKeys: (query) => run("listKeys", query),
    deleteKey: (query) => run("deleteKey", query),
    keepSecret: (secret) => run("keepSecret", secret),
  } satisfies Partial<Store>;
}

function upkeep(run: Run) {
  return {
    check: async () => void (await run("check", null)),
    activity: async (query) => rows.activityOf(await run("activity", query)),
    backlog: () => run("backlog", null),
    size: () => run("size", null),
    forget: (query) => run("forget", query),
  } satisfies Partial<Store>;
}

/** Nobody else can use the folder: this is the only node, for as long as it runs. */
function alone() {
  let self: NodeNote | undefined;
  return {
    isShared: false,
    keepLease: async ({ leaseMs: _leaseMs, ...node }) => {
      self = node;
      return { lease: "runs", now: null };
    },
    dropLease: async () => {
      self = undefined;
    },
    releaseCalls: async () => undefined,
    holderOf: async () => self,
    nodes: async () => (self === undefined ? [] : [self]),
  } satisfies Nodes;
}

/** So many destinations are kept at hand. */
const destinationsMax = 10_000;

/** Where calls' events go never changes, so it is read once and not with every lane. */
class KnownDestinations {
  readonly #run: Run;
  readonly #known = new Map<string, Destination>();

  constructor(run: Run) {
    this.#run = run;
  }

  keep(callId: string, destination: Destination): void {
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size >= destinationsMax) this.#known.delete(oldest);
    this.#known.set(callId, destination);
  }

  async laneOf(text: rows.LaneText | null): Promise<LaneRow | null> {
    if (text === null) return null;
    const destination = this.#known.get(text.callId) ?? (await this.#read(text.callId));
    return rows.laneRow(text, destination);
  }

  async #read(callId: string): Promise<Destination> {
    const text = await this.#run("destinationOf", { callId });
    if (text === null) throw new Error(`the lane of call ${callId} leads nowhere`);
    const destination = rows.destinationOf(text);
    this.keep(callId, destination);
    return destination;
  }
}

function deliveryOf({ entryType, ...row }: rows.DeliveryRow): Delivery {
  const type = tellOf(entryType as HappeningType);
  if (type === undefined) throw new Error(`${entryType} is not told to an application`);
  return { id: eventId(row.callId as CallId, row.sequence), type, ...row };
}
