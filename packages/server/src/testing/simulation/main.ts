import { writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { systemClock } from "../../clock.ts";
import { type Engine, memoryEngine } from "./disk.ts";
import { openPostgresEngine } from "./postgres-engine.ts";
import { simulate } from "./run.ts";

/**
 * `npm run simulate -- --seeds 10000 --seed 1`: plays random plans and ends
 * with 1 at the first that breaks SPEC.md. The same seed gives the same plans.
 * `--store postgres` plays them on PostgreSQL, in real time for its part.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    store: { type: "string", default: "sqlite" },
  },
});

// What is told to stop takes its database with it.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));

const engines: Record<string, () => Promise<Engine>> = {
  sqlite: async () => memoryEngine,
  postgres: openPostgresEngine,
};
const openEngine = engines[values.store];
if (openEngine === undefined) throw new Error(`the stores are ${Object.keys(engines).join(", ")}`);
const engine = await openEngine();
const given = { seeds: Number(values.seeds), seed: Number(values.seed), engine };
const startedAt = systemClock.now();
const { runs, fault } = await simulate(given);
const seconds = (systemClock.now() - startedAt) / 1_000;
const sum = `${runs} runs from seed ${given.seed} in ${seconds.toFixed(1)} s: ${fault === undefined ? "every invariant held" : "BROKEN"}`;
writeSync(1, `${fault === undefined ? "" : `${fault}\n\n`}${sum}\n`);
await engine.close();
process.exitCode = fault === undefined ? 0 : 1;
