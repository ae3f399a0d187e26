import { writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { systemClock } from "../../clock.ts";
import { simulate } from "./run.ts";

/**
 * `npm run simulate -- --seeds 10000 --seed 1`: plays random plans and ends
 * with 1 at the first that breaks SPEC.md. The same seed gives the same plans.
 */
const { values } = parseArgs({
  options: { seeds: { type: "string", default: "1000" }, seed: { type: "string", default: "1" } },
});
const given = { seeds: Number(values.seeds), seed: Number(values.seed) };
const startedAt = systemClock.now();
const { runs, fault } = await simulate(given);
const seconds = (systemClock.now() - startedAt) / 1_000;
const sum = `${runs} runs from seed ${given.seed} in ${seconds.toFixed(1)} s: ${fault === undefined ? "every invariant held" : "BROKEN"}`;
writeSync(1, `${fault === undefined ? "" : `${fault}\n\n`}${sum}\n`);
process.exitCode = fault === undefined ? 0 : 1;
