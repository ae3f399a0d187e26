import { type Clock, systemClock } from "../../clock.ts";
import { type Store, StoreError } from "../../store.ts";
import type { Input, OperationName, Output, Run } from "../operations.ts";
import { storeOn } from "../store-on.ts";
import { activity } from "./activity-rows.ts";
import { Database, type DatabaseLimits } from "./database.ts";
import { Days, forget } from "./days.ts";
import * as deliveries from "./delivery-rows.ts";
import * as documents from "./document-rows.ts";
import * as journals from "./journal-rows.ts";
import { JournalWriting } from "./journal-writing.ts";
import * as keys from "./key-rows.ts";
import * as lanes from "./lane-rows.ts";
import { LaneSettling } from "./lane-settling.ts";
import { Lease, nodesOn } from "./lease.ts";
import { migrate } from "./migrations.ts";
import { Taking } from "./taking.ts";
import * as upkeep from "./upkeep-rows.ts";

type Operations = { [Name in OperationName]: (input: Input<Name>) => Promise<Output<Name>> };

/**
 * Opens the store that several servers share: PostgreSQL, directly or behind
 * PgBouncer in its transaction mode. Brings its tables up to date first. Fails
 * with a StoreError that says what to do.
 */
export async function openPostgresStore(
  url: string,
  options: { clock?: Clock; limits?: Partial<DatabaseLimits> } = {},
): Promise<Store> {
  const { clock = systemClock, limits } = options;
  return openStoreOn(new Database(url, { clock, limits }));
}

/** The same on connections that are there; they end with it. */
export async function openStoreOn(db: Database): Promise<Store> {
  try {
    await migrate(db);
    await refuseHalfCopy(db);
    const days = new Days(db);
    await days.prepare(db.clock.now());
    return storeOf(db, days);
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** What is copied from another store is a store once it is whole. */
async function refuseHalfCopy(db: Database): Promise<void> {
  const sql = "SELECT 1 AS there FROM offhook.copies WHERE state = 'copying' LIMIT 1";
  if ((await db.one(sql)) === undefined) return;
  const detail =
    "The copy into the database of OFFHOOK_STORE is not finished: run `offhook store copy` again.";
  throw new StoreError("unavailable", detail);
}

/** The same where the tables are up to date, as for another store beside the first. */
export function storeOf(db: Database, days = new Days(db)): Store {
  const lease = new Lease();
  const writing = new JournalWriting(db, lease);
  const settling = new LaneSettling(db, lease);
  const operations: Operations = {
    ...journalOperations(db, lease, writing),
    ...laneOperations(db, lease, settling),
    ...otherOperations(db),
  };
  const run: Run = async (name, input) => {
    // The name picks the function and with it the type of its input, which the type of `run` has seen to.
    const operation = operations[name] as (given: typeof input) => Promise<Output<typeof name>>;
    return operation(input);
  };
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await Promise.all([writing.close(), settling.close()]);
    await db.close();
  };
  // What fails here is tried again at the next start; the default parts serve until then.
  const onTime = (now: number): void => void days.prepare(now).catch(() => undefined);
  return storeOn(run, nodesOn(db, lease, onTime), () => (closed ??= close()));
}

function journalOperations(db: Database, lease: Lease, writing: JournalWriting) {
  const taking = new Taking(db, lease);
  return {
    openJournal: (row) => writing.write(row),
    append: (row) => writing.write(row),
    entriesOfCall: (query) => journals.entriesOfCall(db, query),
    entriesOfTeam: (query) => journals.entriesOfTeam(db, query),
    lastPosition: () => journals.lastPosition(db),
    assistantOfCall: (query) => journals.assistantOfCall(db, query),
    findCall: (query) => journals.findCall(db, query),
    listCalls: (filter) => journals.listCalls(db, filter),
    takeCalls: (query) => taking.take(query),
  } satisfies Partial<Operations>;
}

function laneOperations(db: Database, lease: Lease, settling: LaneSettling) {
  return {
    findLane: (query) => lanes.findLane(db, query),
    destinationOf: (query) => lanes.destinationOf(db, query),
    dueLanes: (query) => lanes.dueLanes(db, lease, query),
    nextDueAt: (query) => lanes.nextDueAt(db, query),
    settle: (row) => settling.settle(row),
    sendAgain: (query) => lanes.sendAgain(db, lease, query),
    missedBefore: (query) => lanes.missedBefore(db, query),
    listDeliveries: (filter) => deliveries.listDeliveries(db, filter),
    findDelivery: (query) => deliveries.findDelivery(db, query),
    attemptsOf: (query) => deliveries.attemptsOf(db, query),
  } satisfies Partial<Operations>;
}

function otherOperations(db: Database) {
  return {
    saveDocument: (save) => documents.saveDocument(db, save),
    findDocument: (whom) => documents.findDocument(db, whom),
    listDocuments: (query) => documents.listDocuments(db, query),
    deleteDocument: (whom) => documents.deleteDocument(db, whom),
    saveKey: (key) => keys.saveKey(db, key),
    findKey: (query) => keys.findKey(db, query),
    countKeys: () => keys.countKeys(db),
    listKeys: (query) => keys.listKeys(db, query),
    deleteKey: (query) => keys.deleteKey(db, query),
    keepSecret: (secret) => keys.keepSecret(db, secret),
    activity: (query) => activity(db, query),
    check: () => upkeep.check(db),
    backlog: () => upkeep.backlog(db),
    size: () => upkeep.size(db),
    forget: (query) => forget(db, query),
  } satisfies Partial<Operations>;
}
