import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { crash } from "./testing/crash/crash-rounds.ts";
import { summaryOf } from "./testing/crash/summary.ts";

/** CRASH_ROUNDS=200 for a night; CRASH_SEED chooses the instants. */
const rounds = Number(process.env["CRASH_ROUNDS"] ?? 20);
const seed = Number(process.env["CRASH_SEED"] ?? 1);
/** A round takes one second on a quiet machine. */
const roundMaxMs = 10_000;
const drainMaxMs = 180_000;

test(
  `kill -9 at ${rounds} random instants under load: nothing lost, reordered or told under two ids, one report for each call`,
  async () => {
    const result = await crash({ rounds, seed });
    process.stdout.write(summaryOf("the server", { seed, ...result }));
    expect(result.calls).toBeGreaterThan(rounds);
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
    const result = await crash({ rounds: faultyRounds, seed, program });
    process.stdout.write(summaryOf(`a server that ${fault}`, { seed, ...result }));
    expect(result.account.lost).not.toEqual([]);
  },
  drainMaxMs + faultyRounds * roundMaxMs,
);
