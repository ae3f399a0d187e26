import { sleep, systemClock } from "../../clock.ts";
import type { Store } from "../../store.ts";
import type { Row } from "../../store/columns.ts";
import { Database, type Statement } from "../../store/postgres/database.ts";
import { openStoreOn } from "../../store/postgres/postgres-store.ts";
import { refusalOf } from "../../store/postgres/refusal.ts";
import { migrateDatabase } from "../../store/postgres/tending.ts";

/** So long after its first answer a transaction is committed. */
const behindMs = 300;

type Run = (statement: Statement) => Promise<Row[]>;

/**
 * A broken store on PostgreSQL, to prove that the crash harness sees it: it
 * answers out of a transaction, and commits a little later. Whoever kills it
 * between the two takes away what was acknowledged.
 */
export async function openEarlyStore(url: string): Promise<Store> {
  // Before the one connection is there: a migration has one of its own, and would wait for it.
  await migrateDatabase(url);
  return openStoreOn(new EarlyDatabase(url, { clock: systemClock }));
}

/** All statements on one connection, one after the other, so that each sees what the ones before have not committed. */
class EarlyDatabase extends Database {
  readonly #closed = Promise.withResolvers<void>();
  readonly #over: Promise<void>;
  #last: Promise<unknown>;
  #transaction: "none" | "open" = "none";
  #run: Run | undefined;

  constructor(...given: ConstructorParameters<typeof Database>) {
    super(...given);
    const connected = Promise.withResolvers<void>();
    this.#last = connected.promise;
    this.#over = this.session(async (run) => {
      this.#run = run;
      connected.resolve();
      await this.#closed.promise;
    });
    this.#over.catch(connected.reject);
  }

  override all(sql: string, ...values: readonly unknown[]): Promise<Row[]> {
    return this.#inTurn(() => this.#answer({ sql, values }));
  }

  override write(sql: string, ...values: readonly unknown[]): Promise<Row[]> {
    return this.all(sql, ...values);
  }

  override writeOnce(sql: string, ...values: readonly unknown[]): Promise<Row[]> {
    return this.all(sql, ...values);
  }

  override writeLease(sql: string, ...values: readonly unknown[]): Promise<Row[]> {
    return this.all(sql, ...values);
  }

  override writeKnowing(statement: (again: boolean) => Statement): Promise<Row[]> {
    return this.#inTurn(() => this.#answer(statement(false)));
  }

  override async close(): Promise<void> {
    await this.#inTurn(() => this.#commit());
    this.#closed.resolve();
    await this.#over;
    await super.close();
  }

  #inTurn<Value>(act: () => Promise<Value>): Promise<Value> {
    const done = this.#last.then(act);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #answer(statement: Statement): Promise<Row[]> {
    if (this.#transaction === "none") await this.#begin();
    await this.#say("SAVEPOINT before");
    try {
      return (await this.#run?.(statement)) ?? [];
    } catch (error) {
      await this.#say("ROLLBACK TO before");
      throw refusalOf(error);
    } finally {
      await this.#say("RELEASE before");
    }
  }

  async #begin(): Promise<void> {
    this.#transaction = "open";
    await this.#say("BEGIN");
    void sleep(this.clock, behindMs).then(() => this.#inTurn(() => this.#commit()));
  }

  async #commit(): Promise<void> {
    if (this.#transaction === "none") return;
    this.#transaction = "none";
    await this.#say("COMMIT");
  }

  async #say(sql: string): Promise<void> {
    await this.#run?.({ sql });
  }
}
