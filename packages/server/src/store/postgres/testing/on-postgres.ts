import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import type { Store } from "../../../store.ts";
import { openPostgres, type Postgres } from "../../../testing/postgres.ts";
import type { DatabaseLimits } from "../database.ts";
import { openPostgresStore } from "../postgres-store.ts";
import { type LossyLink, openLossyLink } from "./lossy-link.ts";

/** What a test stands on: a server for its file, a database of its own, and a link to that. */
export type OnPostgres = {
  postgres: Postgres;
  url: string;
  link: LossyLink;
  /** A store that is closed after the test. */
  openOn(address: string, limits?: Partial<DatabaseLimits>): Promise<Store>;
};

/** Servers are started and stopped, also on a machine that has much else to do. */
const startMaxMs = 60_000;

/** Where the test that runs now stands. */
export const at = {} as OnPostgres;

/** Has the tests of a `describe` stand on Debian's PostgreSQL. */
export function standOnPostgres(): void {
  let postgres: Postgres;
  let databases = 0;
  const stores: Store[] = [];
  beforeAll(async () => {
    postgres = await openPostgres();
  }, startMaxMs);
  afterAll(() => postgres.close(), startMaxMs);
  beforeEach(async () => {
    databases += 1;
    const url = await postgres.makeDatabase(`life_${databases}`);
    const openOn: OnPostgres["openOn"] = async (address, limits = {}) => {
      const store = await openPostgresStore(address, { limits });
      stores.push(store);
      return store;
    };
    Object.assign(at, { postgres, url, link: await openLossyLink(url), openOn });
  }, startMaxMs);
  afterEach(async () => {
    await at.link.close();
    await Promise.all(stores.splice(0).map((store) => store.close()));
  }, startMaxMs);
}
