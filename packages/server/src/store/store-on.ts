import { happeningsOf, type Call, type CallId, type TeamId } from "@offhook/protocol";
import type { CallPhase, Destination, LaneRow, Nodes, Store } from "../store.ts";
import type { Run } from "./operations.ts";
import * as rows from "./rows.ts";

/** The port on an engine that keeps rows. */
export function storeOn(run: Run, nodes: Nodes, close: () => Promise<void>): Store {
  const known = new KnownDestinations(run);
  return {
    ...journals(run, known),
    ...lanes(run, known),
    ...documents(run),
    ...keys(run),
    ...upkeep(run),
    ...nodes,
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
    takeCalls: async (query) =>
      (await run("takeCalls", query)).map(({ callId, teamId, epoch }) => ({
        callId: callId as CallId,
        teamId: teamId as TeamId,
        epoch,
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
      return { deliveries: deliveries.map(rows.deliveryOf), totalCount };
    },
    findDelivery: async (query) => {
      const row = await run("findDelivery", query);
      return row === null ? undefined : rows.deliveryOf(row);
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
