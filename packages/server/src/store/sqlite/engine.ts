import { DatabaseSync } from "node:sqlite";
import { activity } from "./activity-rows.ts";
import * as deliveries from "./delivery-rows.ts";
import * as documents from "./document-rows.ts";
import * as journals from "./journal-rows.ts";
import * as keys from "./key-rows.ts";
import * as lanes from "./lane-rows.ts";
import { type Desk, LanesAtHand } from "./lanes-at-hand.ts";
import * as upkeep from "./upkeep-rows.ts";
import { migrate } from "./migrations.ts";
import type { Input, OperationName, Output } from "../operations.ts";
import { prepareStatements, type Statements } from "./statements.ts";

const writes = {
  openJournal: journals.openJournal,
  append: journals.append,
  settle: lanes.settle,
  sendAgain: lanes.sendAgain,
  saveDocument: documents.saveDocument,
  deleteDocument: documents.deleteDocument,
  saveKey: keys.saveKey,
  deleteKey: keys.deleteKey,
  keepSecret: keys.keepSecret,
  check: upkeep.check,
  forget: upkeep.forget,
};

const reads = {
  entriesOfCall: journals.entriesOfCall,
  entriesOfTeam: journals.entriesOfTeam,
  assistantOfCall: journals.assistantOfCall,
  findCall: journals.findCall,
  listCalls: journals.listCalls,
  takeCalls: journals.takeCalls,
  findLane: (db: Statements, query: { callId: string }) => lanes.oneLane(db, query.callId),
  destinationOf: lanes.destinationOf,
  dueLanes: lanes.dueLanes,
  nextDueAt: lanes.nextDueAt,
  missedBefore: lanes.missedBefore,
  listDeliveries: deliveries.listDeliveries,
  findDelivery: deliveries.findDelivery,
  attemptsOf: deliveries.attemptsOf,
  findDocument: documents.findDocument,
  listDocuments: documents.listDocuments,
  findKey: keys.findKey,
  listKeys: keys.listKeys,
  activity,
  backlog: upkeep.backlog,
  size: upkeep.size,
  lastPosition: journals.lastPosition,
  countKeys: (db: Statements, _query: null) => keys.countKeys(db),
};

const operations = { ...writes, ...reads } satisfies {
  [Name in OperationName]: (db: Desk, input: Input<Name>) => Output<Name>;
};

export function isWrite(name: OperationName): boolean {
  return Object.hasOwn(writes, name);
}

export type Job = { name: OperationName; input: unknown };
export type Outcome =
  | { ok: true; value: unknown }
  | { ok: false; error: { message: string; errcode?: number } };

/** The database itself, without threads: does groups of jobs, each group of writes in one transaction. */
export type Engine = {
  do(jobs: readonly Job[]): Outcome[];
  /** Moves the write-ahead log into the database as far as it can; the rest stays in it for the next time. */
  checkpoint(): void;
  close(): void;
};

/** How long to wait for another process's lock. */
const busyMaxMs = 5_000;

export function openEngine(path: string): Engine {
  const database = new DatabaseSync(path);
  database.exec(
    `PRAGMA busy_timeout = ${busyMaxMs}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
     PRAGMA wal_autocheckpoint = 0; PRAGMA foreign_keys = ON; PRAGMA cache_size = -32768;`,
  );
  migrate(database);
  const db: Desk = { ...prepareStatements(database), lanes: new LanesAtHand() };
  return {
    do: (jobs) =>
      jobs.some(({ name }) => isWrite(name)) ? writeGroup(database, db, jobs) : readGroup(db, jobs),
    checkpoint: () => database.exec("PRAGMA wal_checkpoint(PASSIVE)"),
    close: () => database.close(),
  };
}

function readGroup(db: Desk, jobs: readonly Job[]): Outcome[] {
  return jobs.map((job) => {
    try {
      return { ok: true, value: perform(db, job) };
    } catch (error) {
      return failed(error);
    }
  });
}

/** All in one transaction; if one fails, each in its own, so that one fault spoils no other's write. */
function writeGroup(database: DatabaseSync, db: Desk, jobs: readonly Job[]): Outcome[] {
  try {
    database.exec("BEGIN IMMEDIATE");
  } catch (error) {
    // It fails for all alike, and each on its own would wait for the lock again.
    return jobs.map(() => failed(error));
  }
  try {
    return committed(database, () => outcomesOf(db, jobs));
  } catch (error) {
    db.lanes.dropAll();
    if (jobs.length === 1) return [failed(error)];
    return jobs.flatMap((job) => writeGroup(database, db, [job]));
  }
}

function outcomesOf(db: Desk, jobs: readonly Job[]): Outcome[] {
  const outcomes = jobs.map((job): Outcome => {
    // What reads must find what was changed in the same group.
    if (!isWrite(job.name)) db.lanes.write(db);
    return { ok: true, value: perform(db, job) };
  });
  db.lanes.write(db);
  return outcomes;
}

/** Does it in the transaction that has begun, which ends either way. */
function committed<Value>(database: DatabaseSync, act: () => Value): Value {
  try {
    const value = act();
    database.exec("COMMIT");
    return value;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** The name picks the function and with it the type of its input, which the typed proxy in front has seen to. */
function perform(db: Desk, job: Job): unknown {
  const operation = operations[job.name] as (db: Desk, input: unknown) => unknown;
  return operation(db, job.input);
}

function failed(error: unknown): Outcome {
  const message = error instanceof Error ? error.message : String(error);
  const errcode = error instanceof Error && "errcode" in error ? Number(error.errcode) : undefined;
  return { ok: false, error: { message, ...(errcode === undefined ? {} : { errcode }) } };
}
