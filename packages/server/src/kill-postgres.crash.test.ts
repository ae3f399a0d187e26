import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sleep, systemClock, timedOut, within } from "./clock.ts";
import { crash, sharedStore } from "./testing/crash/crash-rounds.ts";
import { openFickleReceiver } from "./testing/crash/fickle-receiver.ts";
import { noAcknowledgements, putUnderLoad } from "./testing/crash/load.ts";
import { summaryOf } from "./testing/crash/summary.ts";
import { testEnv } from "./testing/running-app.ts";
import { seededRandom } from "./testing/seeded-random.ts";
import { startServer } from "./testing/server-process.ts";
import { missingPostgres, openPostgres, type Postgres } from "./testing/postgres.ts";

/** CRASH_ROUNDS=200 for a night; CRASH_SEED chooses the instants. */
const rounds = Number(process.env["CRASH_ROUNDS"] ?? 5);
const seed = Number(process.env["CRASH_SEED"] ?? 1);
/** A round takes five seconds on a quiet machine, as a killed server holds its calls until its lease has run out. */
const roundMaxMs = 20_000;
const drainMaxMs = 180_000;
const startMaxMs = 60_000;
const loadBeforeMs = 1_500;
/** Each question of the store is repeated for 5 s, and a stop asks some, one after the other. */
const endMaxMs = 45_000;
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

  test("a server whose database is gone ends when it is told to, within what its limits come to", async () => {
    const gone = await openPostgres();
    const { env } = sharedStore(gone.url);
    const receiver = await openFickleReceiver(seededRandom(seed));
    const folder = await mkdtemp(join(tmpdir(), "offhook-gone-"));
    const server = await startServer({ ...testEnv(folder, env), OFFHOOK_STOP_SECONDS: "1" });
    const acknowledged = noAcknowledgements();
    const loading = putUnderLoad({ server, receiver, acknowledged, label: "Gone" }, 8);
    await sleep(systemClock, loadBeforeMs);
    await gone.kill();
    const ended = await within(systemClock, endMaxMs, server.stop());
    if (ended === timedOut) await server.kill();
    await Promise.all([
      loading,
      receiver.close(),
      gone.close(),
      rm(folder, { recursive: true, force: true }),
    ]);
    expect(ended).toBe(0);
  }, 120_000);

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
