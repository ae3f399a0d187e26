import { describe, expect, onTestFinished, test } from "vitest";
import { missingPostgres } from "../postgres.ts";
import { faultsOnPostgres } from "./faults.ts";
import { searchFor } from "./planting.ts";
import { openPostgresEngine } from "./postgres-engine.ts";
import { simulate } from "./run.ts";

const seeds = 100;
const seedsToFind = 100;
const searchMaxMs = 180_000;
const missing = missingPostgres();
if (missing !== undefined) process.stdout.write(`${missing}; nothing is simulated on it\n`);

describe.skipIf(missing !== undefined && process.env["CI"] === undefined)("on PostgreSQL", () => {
  test(`whatever befalls the server, SPEC.md holds (${seeds} runs)`, async () => {
    const engine = await openPostgresEngine();
    onTestFinished(() => engine.close());
    const { runs, fault } = await simulate({ seeds, seed: 1, engine });
    expect(fault, fault).toBeUndefined();
    expect(runs).toBe(seeds);
  }, 300_000);

  test.each(faultsOnPostgres)(
    `within ${seedsToFind} runs it is found when $name`,
    async (fault) => {
      const args = ["--store", "postgres", "--seeds", String(seedsToFind)];
      const { code, story } = await searchFor(fault, { args, searchMaxMs });
      expect(code, story.slice(-2_000)).toBe(1);
      expect(story.split("\n")[0]).toContain(fault.says);
      expect(story).toContain("path ");
    },
    searchMaxMs + 10_000,
  );
});
