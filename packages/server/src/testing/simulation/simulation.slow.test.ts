import fc from "fast-check";
import { test } from "vitest";
import { plans } from "./plan.ts";
import { Witness } from "./witness.ts";
import { play } from "./world.ts";

const runs = Number(process.env["SIMULATE_SEEDS"] ?? 300);
const seed = Number(process.env["SIMULATE_SEED"] ?? 1);

test(`whatever befalls the server, SPEC.md holds (${runs} runs, seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const witness = new Witness();
      try {
        await play(plan, witness);
      } catch (error) {
        throw new Error(`${String(error)}\n\n${witness.diary.join("\n")}\n`, { cause: error });
      }
    }),
    { seed, numRuns: runs },
  );
}, 600_000);
