import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type NodeNote, type Nodes, type Store, StoreError } from "../../store.ts";
import type { Input, OperationName, Output, Run } from "../operations.ts";
import { storeOn } from "../store-on.ts";
import { isWrite, openEngine, type Outcome } from "./engine.ts";
import { refusalOf } from "./refusal.ts";
import { openThreads } from "./thread.ts";
import { countWrites, type Log } from "./write-ahead-log.ts";

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
  // Without it the writing thread flushes all by itself, in the end.
  const file = await open(path, "r+").catch(() => undefined);
  // What cannot be flushed stays in the log too, and the next move tries again.
  const flush = async (): Promise<void> => file?.datasync().catch(() => undefined);
  const run = onThreads({ writer, reader, flush });
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await reader.close();
    await writer.close();
    // Last, for POSIX has a process lose all its locks on a file when it closes it once.
    await file?.close();
    release();
  };
  return storeOn(run, alone(), () => (closed ??= close()));
}

/**
 * Keeps other servers away from the same data: two would take each other's
 * live calls for lost ones. The lock is the system's, and goes with the process.
 */
export function lockFolder(path: string): () => void {
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
  return storeOn(run, alone(), async () => engine.close());
}

function onThreads({ writer, reader, flush }: Log): Run {
  const wrote = countWrites({ writer, reader, flush });
  return async (name, input) => {
    if (!isWrite(name)) return valueOf<typeof name>(await reader.ask({ name, input }));
    const outcome = await writer.ask({ name, input }, hasteOf(input));
    wrote();
    return valueOf<typeof name>(outcome);
  };
}

function hasteOf(input: Input<OperationName>): "with-others" | undefined {
  return typeof input === "object" && input !== null && "haste" in input ? input.haste : undefined;
}

/** The engine's answer has the type that goes with the job's name; threads lose it. */
function valueOf<Name extends OperationName>(outcome: Outcome): Output<Name> {
  if (!outcome.ok) throw refusalOf(outcome.error);
  return outcome.value as Output<Name>;
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
    heldCalls: async () => [],
    holderOf: async () => self,
    nodes: async () => (self === undefined ? [] : [self]),
  } satisfies Nodes;
}
