import { readFileSync } from "node:fs";
import type { Database } from "./nodes.ts";
import { pause, processorSecondsOf } from "./time.ts";

/** Where PostgreSQL's clients were while they were at work, and what it wrote. */
export type Profile = {
  /** How often a backend at work was seen, by what it waited for; `running` is nothing. */
  waits: ReadonlyMap<string, number>;
  /** Backends at work at a time, on average. */
  active: number;
  commits: number;
  walBytes: number;
  /** 0 where this version does not count them here. */
  walSyncs: number;
};

const sampleEveryMs = 25;
const atWork = `SELECT coalesce(wait_event_type || ':' || wait_event, 'running') AS what
  FROM pg_stat_activity
  WHERE state = 'active' AND backend_type = 'client backend'
    AND datname = current_database() AND pid <> pg_backend_pid()`;
const counters = `SELECT d.xact_commit::float8 AS commits, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 AS wal_bytes,
    coalesce((to_jsonb(w) ->> 'wal_sync')::float8, 0) AS wal_syncs
  FROM pg_stat_database d, pg_stat_wal w WHERE d.datname = current_database()`;

type Counters = { commits: number; wal_bytes: number; wal_syncs: number };

/** Begins to look; what it answers ends it. */
export async function lookAt({ client }: Database): Promise<() => Promise<Profile>> {
  const count = async (): Promise<Counters> => {
    const [row] = (await client.query<Counters>(counters)).rows;
    if (row === undefined) throw new Error("PostgreSQL counts nothing");
    return row;
  };
  const before = await count();
  const waits = new Map<string, number>();
  let samples = 0;
  const over = new AbortController();
  const look = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const { rows } = await client.query<{ what: string }>(atWork);
      samples += 1;
      for (const { what } of rows) waits.set(what, (waits.get(what) ?? 0) + 1);
      await pause(sampleEveryMs);
    }
  };
  const looking = look();
  return async () => {
    over.abort();
    await looking;
    const after = await count();
    const seen = [...waits.values()].reduce((sum, each) => sum + each, 0);
    return {
      waits,
      active: seen / Math.max(samples, 1),
      // Each look is a commit too.
      commits: Math.max(after.commits - before.commits - samples, 0),
      walBytes: after.wal_bytes - before.wal_bytes,
      walSyncs: after.wal_syncs - before.wal_syncs,
    };
  };
}

/** Where the fields of /proc/…/stat stand that hold the time of children that have ended and were waited for. */
const endedFields = [13, 15] as const;
const ticksPerSecond = 100;

/** Seconds of a process, of its children that run, and of those that have ended. */
export function processorSecondsOfAll(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [user = 0, system = 0] = fields.slice(...endedFields).map(Number);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
  // One that has ended since is counted by its parent the next time.
  const running = children.map((child) => processorSecondsOf(Number(child))).filter(Number.isFinite);
  const ended = (user + system) / ticksPerSecond;
  return running.reduce((sum, each) => sum + each, processorSecondsOf(pid) + ended);
}
