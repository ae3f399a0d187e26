import pg from "pg";
import { type Clock, sleep, within } from "../../clock.ts";
import { StoreError } from "../../store.ts";
import type { Row } from "../columns.ts";
import { failureOf, refusalOf } from "./refusal.ts";

/** How many connections a server has at most, and how long it waits for what; times in ms. */
export type DatabaseLimits = {
  writersMax: number;
  readersMax: number;
  /** Statements that may wait for a connection, of each kind. */
  waitingMax: number;
  /** For a connection: a new one, or one that is in use. */
  connectMs: number;
  statementMs: number;
  /** A word about the lease, and the connection for it. */
  leaseStatementMs: number;
  /** One step of the tables' migration, with the wait for others that are at it. */
  migrationMs: number;
  /** How long something is tried again that failed for reasons that pass. */
  patienceMs: number;
  /** For connections to end. */
  closeMs: number;
};

const databaseLimits: DatabaseLimits = {
  writersMax: 6,
  readersMax: 6,
  waitingMax: 10_000,
  connectMs: 3_000,
  statementMs: 15_000,
  leaseStatementMs: 1_000,
  migrationMs: 600_000,
  patienceMs: 5_000,
  closeMs: 5_000,
};

/** One of them may hang until its time is over. */
const leaseConnectionsMax = 2;
const retryMs = { first: 20, most: 500 };

/** One statement with its values, on one way there and back. */
export type Statement = { sql: string; values?: readonly unknown[] };

/** A node's lease has connections of its own: it must not wait behind what is slow. */
type Kind = "read" | "write" | "lease";

/** Connections to PostgreSQL, or to a PgBouncer before it: nothing is asked of a connection beyond one statement. */
export class Database {
  readonly clock: Clock;
  readonly #limits: DatabaseLimits;
  readonly #pools: Record<Kind, pg.Pool>;
  #state: "open" | "closed" = "open";

  constructor(url: string, parts: { clock: Clock; limits?: Partial<DatabaseLimits> | undefined }) {
    this.clock = parts.clock;
    this.#limits = { ...databaseLimits, ...parts.limits };
    const { readersMax, writersMax, leaseStatementMs } = this.#limits;
    const leaseLimits = { ...this.#limits, connectMs: leaseStatementMs, statementMs: leaseStatementMs };
    this.#pools = {
      read: poolOf(url, this.#limits, readersMax),
      write: poolOf(url, this.#limits, writersMax),
      lease: poolOf(url, leaseLimits, leaseConnectionsMax),
    };
  }

  /** Rows of a statement that changes nothing. */
  async all(sql: string, ...values: readonly unknown[]): Promise<Row[]> {
    return this.#patiently("read", () => ({ sql, values }));
  }

  async one(sql: string, ...values: readonly unknown[]): Promise<Row | undefined> {
    return (await this.all(sql, ...values))[0];
  }

  /** Rows of a statement that may be done twice with the same end, should the answer to the first be lost. */
  async write(sql: string, ...values: readonly unknown[]): Promise<Row[]> {
    return this.#patiently("write", () => ({ sql, values }));
  }

  /** The same for a statement that has to know that an answer to it was lost. */
  async writeKnowing(statement: (again: boolean) => Statement): Promise<Row[]> {
    return this.#patiently("write", statement);
  }

  /** Rows of a statement that is better left than waited for. */
  async writeOnce(sql: string, ...values: readonly unknown[]): Promise<Row[]> {
    return this.#once("write", { sql, values });
  }

  /** Rows of a statement about the node's lease, which is said again and again in any case. */
  async writeLease(sql: string, ...values: readonly unknown[]): Promise<Row[]> {
    return this.#once("lease", { sql, values });
  }

  /** Several statements on one connection, which may be a transaction; for migrations. */
  async session<Value>(
    act: (run: (statement: Statement) => Promise<Row[]>) => Promise<Value>,
  ): Promise<Value> {
    const client = await this.#connect();
    // A connection that breaks between two statements fails the next one; nobody else would hear of it.
    client.on("error", ignore);
    const query_timeout = this.#limits.migrationMs;
    let broken: Error | undefined;
    try {
      return await act(async ({ sql: text, values = [] }) => {
        const query = { text, values: [...values], query_timeout };
        return (await client.query<Row>(query)).rows;
      });
    } catch (error) {
      // Whatever was begun ends with the connection.
      broken = error instanceof Error ? error : new Error(String(error));
      throw refusalOf(error);
    } finally {
      client.off("error", ignore);
      client.release(broken);
    }
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#state = "closed";
    const ended = Object.values(this.#pools).map((pool) => pool.end());
    await within(this.clock, this.#limits.closeMs, Promise.all(ended));
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.#pools.write.connect();
    } catch (error) {
      throw refusalOf(error);
    }
  }

  async #once(kind: Kind, statement: Statement): Promise<Row[]> {
    try {
      return await this.#ask(kind, statement);
    } catch (error) {
      throw refusalOf(error, kind === "write" && failureOf(error) === "unknown");
    }
  }

  async #patiently(kind: Kind, statement: (again: boolean) => Statement): Promise<Row[]> {
    const endsAt = this.clock.now() + this.#limits.patienceMs;
    let isLost = false;
    for (let waitMs = retryMs.first; ; waitMs = Math.min(waitMs * 2, retryMs.most)) {
      try {
        return await this.#ask(kind, statement(isLost));
      } catch (error) {
        const failure = failureOf(error);
        isLost ||= failure === "unknown";
        if (failure === "refused" || this.clock.now() + waitMs >= endsAt)
          throw refusalOf(error, kind === "write" && isLost);
      }
      await sleep(this.clock, waitMs);
    }
  }

  async #ask(kind: Kind, { sql, values = [] }: Statement): Promise<Row[]> {
    const pool = this.#pools[kind];
    if (this.#state === "closed") throw new StoreError("unavailable", "The store is closed.");
    if (pool.waitingCount >= this.#limits.waitingMax)
      throw new StoreError("unavailable", "The store cannot keep up; slow down and try again.");
    return (await pool.query<Row>(sql, [...values])).rows;
  }
}

function ignore(): void {}

/** Numbers are below 2^53: they are positions, times and counts. */
const types = new pg.TypeOverrides();
types.setTypeParser(pg.types.builtins.INT8, Number);

function poolOf(url: string, limits: DatabaseLimits, max: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: limits.connectMs,
    query_timeout: limits.statementMs,
    keepAlive: true,
    application_name: "offhook",
    types,
  });
  // A connection that breaks while nobody uses it is just gone.
  pool.on("error", () => undefined);
  return pool;
}

/** PostgreSQL keeps no zero character in a text; it becomes what a lone surrogate becomes in UTF-8. */
export function kept(text: string): string {
  return text.toWellFormed().replaceAll("\u0000", "\uFFFD");
}
