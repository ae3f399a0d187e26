import pg from "pg";
import { afterAll, beforeAll, describe } from "vitest";
import type { Store } from "../store.ts";
import {
  missingPostgres,
  openPgBouncer,
  openPostgres,
  type PgBouncer,
  type Postgres,
} from "../testing/postgres.ts";
import { openPostgresStore } from "./postgres/postgres-store.ts";
import { emptying } from "./postgres/testing/emptying.ts";
import { storeContract } from "./testing/contract.ts";
import type { OpenedStore } from "./testing/opened.ts";

/** Servers are started and stopped, also on a machine that has much else to do. */
const startMaxMs = 60_000;
const missing = missingPostgres();
if (missing !== undefined) process.stdout.write(`${missing}; the store on PostgreSQL is not looked at\n`);

describe.skipIf(missing !== undefined && process.env["CI"] === undefined)("on PostgreSQL", () => {
  let postgres: Postgres;
  let bouncer: PgBouncer;
  beforeAll(async () => {
    // What survives a kill is looked at elsewhere, with every commit on disk.
    postgres = await openPostgres({ fsync: "off" });
    bouncer = await openPgBouncer(postgres);
    await postgres.makeDatabase("direct");
    await postgres.makeDatabase("pooled");
  }, startMaxMs);
  const direct = sharedStore(() => postgres.url.replace(/\/postgres$/u, "/direct"));
  storeContract("the store", () => direct.open());
  const pooled = sharedStore(() => bouncer.urlOf("pooled"));
  storeContract("the store behind PgBouncer", () => pooled.open());
  afterAll(async () => {
    await direct.end();
    await pooled.end();
    await bouncer.close();
    await postgres.close();
  }, startMaxMs);
});

/** Opening pools takes its time: the tests share a database, and each finds it empty. */
function sharedStore(urlOf: () => string) {
  const opened: Store[] = [];
  let cleaner: pg.Pool | undefined;
  const another = async (): Promise<Store> => {
    const store = await openPostgresStore(urlOf());
    opened.push(store);
    return store;
  };
  const end = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((store) => store.close()));
  };
  return {
    async open(): Promise<OpenedStore> {
      const store = await another();
      // A pool counts as ended before its connections are, and PostgreSQL may be stopped in between.
      cleaner ??= new pg.Pool({ connectionString: urlOf(), max: 1 }).on("error", () => undefined);
      await cleaner.query(emptying);
      const reopen = async (): Promise<Store> => {
        await end();
        return another();
      };
      return { store, reopen, another, close: end };
    },
    async end() {
      await end();
      await cleaner?.end();
    },
  };
}
