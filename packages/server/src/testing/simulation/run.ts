import fc from "fast-check";
import { type Engine, memoryEngine } from "./disk.ts";
import { plans } from "./plan.ts";
import { Witness } from "./witness.ts";
import { play } from "./world.ts";

/** What a simulation found; a fault is told with the smallest plan that shows it, and what happened in it. */
export type Found = { runs: number; fault: string | undefined };

/** After a fault so many smaller plans are tried; what takes more is small enough to be read. */
const smallerMax = 200;

/** The last so many lines of a diary are shown. */
const linesMax = 120;

/** Plays so many random plans, from a seed; stops at the first that breaks SPEC.md, and makes it as small as it can. */
export async function simulate({
  seeds,
  seed,
  engine = memoryEngine,
}: {
  seeds: number;
  seed: number;
  engine?: Engine;
}): Promise<Found> {
  let smaller: number | undefined;
  const details = await fc.check(
    fc.asyncProperty(plans, async (plan) => {
      if (smaller !== undefined && (smaller += 1) > smallerMax) return;
      await play(plan, { engine }).catch((error: unknown) => {
        smaller ??= 0;
        throw error;
      });
    }),
    { seed, numRuns: seeds },
  );
  const [plan] = details.counterexample ?? [];
  if (plan === undefined) return { runs: details.numRuns, fault: undefined };
  const witness = new Witness(plan);
  const fault = await play(plan, { witness, engine }).then(
    () => `it does not show again: ${String(details.errorInstance)}`,
    (error: unknown) => String(error),
  );
  const path = `seed ${seed}, path ${details.counterexamplePath ?? ""}`;
  const story = witness.diary.slice(-linesMax).join("\n");
  return { runs: details.numRuns, fault: `${fault}\n${path}\n${JSON.stringify(plan)}\n\n${story}` };
}
