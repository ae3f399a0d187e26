import fc from "fast-check";
import { plans } from "./moves.ts";
import { play } from "./play.ts";
import type { Talk } from "./talk.ts";

const runs = 300;

/** Tries an invariant on random talks; a failure shows the shortest talk that breaks it, and the seed. */
export function assertAlways(check: (call: Talk) => void): void {
  const tried = fc.property(plans, (plan) => {
    const call = play(plan);
    try {
      check(call);
    } catch (error) {
      throw new Error(`${String(error)}\n${call.story}`, { cause: error });
    }
  });
  fc.assert(tried, { numRuns: runs });
}
