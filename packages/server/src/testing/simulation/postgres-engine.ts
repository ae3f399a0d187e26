import { systemClock } from "../../clock.ts";
import type { Row } from "../../store/columns.ts";
import { numberOf } from "../../store/columns.ts";
import { Database } from "../../store/postgres/database.ts";
import { makeDays } from "../../store/postgres/days.ts";
import { openStoreOn, storeOf } from "../../store/postgres/postgres-store.ts";
import { emptying } from "../../store/postgres/testing/emptying.ts";
import { missingPostgres, openPostgres } from "../postgres.ts";
import { virtualBegin } from "../virtual-clock.ts";
import type { Engine } from "./disk.ts";

const dayMs = 86_400_000;
/** A statement whose sender is gone is done all the same, also when it has waited for a lock. */
const lateMaxMs = 3_000;

/**
 * PostgreSQL under the simulated disk. Every start of the server is a guest of
 * it (`store/postgres/lease.ts`), since leases run by the clock of the
 * database, which is not simulated. It is not killed itself, so it need not
 * wait for a real disk.
 */
export async function openPostgresEngine(): Promise<Engine> {
  const missing = missingPostgres();
  if (missing !== undefined) throw new Error(missing);
  const postgres = await openPostgres({ fsync: "off", synchronous_commit: "off" });
  const db = new OrderlyDatabase(postgres.url);
  const store = await openStoreOn(db);
  const today = Math.floor(virtualBegin / dayMs);
  await makeDays(db, [today, today + 1]);
  return {
    makeDisk: async () => {
      // What is left of a run that found a fault.
      for (let left = db.underWay(); left !== undefined; left = db.underWay()) await left;
      await db.write(emptying);
      return {
        open: () => storeOf(db),
        store: storeOf(db),
        countOpen: async () => {
          const row = await db.one("SELECT count(*) AS calls FROM offhook.heads WHERE phase <> 'closed'");
          return row === undefined ? 0 : numberOf(row, "calls");
        },
        underWay: () => db.underWay(),
        lateMaxMs,
        fullUntil: 0,
        close: async () => undefined,
      };
    },
    async close() {
      await store.close();
      await postgres.close();
    },
  };
}

/** Does one statement after the other, so that the same plan goes the same way again, and knows whether one is under way. */
class OrderlyDatabase extends Database {
  #last: Promise<unknown> = Promise.resolve();
  #asked = 0;

  constructor(url: string) {
    super(url, { clock: systemClock });
  }

  /** As a virtual clock asks. */
  underWay(): Promise<unknown> | undefined {
    return this.#asked === 0 ? undefined : this.#last;
  }

  override all(...given: Parameters<Database["all"]>): Promise<Row[]> {
    return this.#inTurn(() => super.all(...given));
  }

  override write(...given: Parameters<Database["write"]>): Promise<Row[]> {
    return this.#inTurn(() => super.write(...given));
  }

  override writeKnowing(...given: Parameters<Database["writeKnowing"]>): Promise<Row[]> {
    return this.#inTurn(() => super.writeKnowing(...given));
  }

  override writeOnce(...given: Parameters<Database["writeOnce"]>): Promise<Row[]> {
    return this.#inTurn(() => super.writeOnce(...given));
  }

  #inTurn(ask: () => Promise<Row[]>): Promise<Row[]> {
    this.#asked += 1;
    const answered = this.#last.then(ask);
    const done = (): void => void (this.#asked -= 1);
    this.#last = answered.then(done, done);
    return answered;
  }
}
