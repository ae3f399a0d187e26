import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { crash, sharedStore } from "./testing/crash/crash-rounds.ts";
import { summaryOf } from "./testing/crash/summary.ts";
import { missingPostgres, openPostgres, type Postgres } from "./testing/postgres.ts";

/** CRASH_ROUNDS=200 for a night; CRASH_SEED chooses the instants. */
const rounds = Number(process.env["CRASH_ROUNDS"] ?? 5);
const seed = Number(process.env["CRASH_SEED"] ?? 1);
/** A round takes five seconds on a quiet machine, as a killed server holds its calls until its lease has run out. */
const roundMaxMs = 20_000;
const drainMaxMs = 180_000;
const startMaxMs = 60_000;
const missing = missingPostgres();
if (missing !== undefined) process.stdout.write(`${missing}; no server on it is killed\n`);

describe.skipIf(missing !== undefined && process.env["CI"] === undefined)("on PostgreSQL", () => {
  let postgres: Postgres;
  let databases = 0;
  beforeAll(async () => {
    postgres = await openPostgres();
  }, startMaxMs);
  afterAll(() => postgres.close(), startMaxMs);
  const store = async (): Promise<ReturnType<typeof sharedStore>> => {
    databases += 1;
    return sharedStore(await postgres.makeDatabase(`kill_${databases}`));
  };

  test(
    `kill -9 at ${rounds} random instants under load: nothing lost, reordered or told under two ids, one report for each call`,
    async () => {
      const result = await crash({ rounds, seed, store: await store() });
      process.stdout.write(summaryOf("the server on PostgreSQL", { seed, ...result }));
      expect(result.calls).toBeGreaterThan(rounds);
      expect(result.takeUps).toBeGreaterThan(rounds);
      expect(result.account).toEqual({ lost: [], reordered: [], renamed: [], withoutOneReport: [] });
    },
    drainMaxMs + rounds * roundMaxMs,
  );

  /** Enough for each of these faults, of which every single round shows some. */
  const faultyRounds = 3;

  test.each(["acknowledges-before-commit", "advances-before-answer"])(
    `a server that %s is found out within ${faultyRounds} kills`,
    async (fault) => {
      const program = [fileURLToPath(new URL("testing/crash/broken-server.ts", import.meta.url)), fault];
      const result = await crash({ rounds: faultyRounds, seed, store: await store(), program });
      process.stdout.write(summaryOf(`a server on PostgreSQL that ${fault}`, { seed, ...result }));
      expect(result.account.lost).not.toEqual([]);
    },
    drainMaxMs + faultyRounds * roundMaxMs,
  );
});
