import { attemptOutcomes, type AttemptOutcome } from "@offhook/protocol";
import { assert, constantFrom, array, property } from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type Health, healthAfter, healthLimits, shareOf, unknownHealth } from "./receiver-health.ts";

const shareMax = 32;
const well = (share: number, silences = 0): Health => ({ name: "well", share, silences });
const silent: Health = { name: "silent" };
const { silencesMax, shareAtFirst } = healthLimits;

type Row = [before: Health, outcome: AttemptOutcome, after: Health];

const table: Row[] = [
  [well(8), "accepted", well(9)],
  [well(8, 4), "accepted", well(9)],
  [well(32), "accepted", well(32)],
  [well(8, 2), "refused", well(8, 2)],
  [well(8, 2), "gone", well(8, 2)],
  [well(8, 2), "forbidden", well(8, 2)],
  [well(8), "timed-out", well(8, 1)],
  [well(8, 1), "unreachable", well(8, 2)],
  [well(8, 2), "busy", well(8, 3)],
  [well(8, silencesMax - 1), "timed-out", silent],
  [well(32, silencesMax - 1), "unreachable", silent],
  [silent, "accepted", well(shareAtFirst)],
  [silent, "refused", silent],
  [silent, "gone", silent],
  [silent, "forbidden", silent],
  [silent, "timed-out", silent],
  [silent, "unreachable", silent],
  [silent, "busy", silent],
];

describe("a receiver's health", () => {
  test.each(table)("%j, %s: %j", (before, outcome, after) => {
    expect(healthAfter(before, outcome, shareMax)).toEqual(after);
  });

  it("has a row for every state and outcome", () => {
    const cells = new Set(table.map(([{ name }, outcome]) => `${name} ${outcome}`));
    expect(cells.size).toBe(2 * attemptOutcomes.length);
  });

  it("always lets one attempt through, never more than allowed, and comes back with one answer", () => {
    assert(
      property(array(constantFrom(...attemptOutcomes)), (outcomes) => {
        const health = outcomes.reduce((one, outcome) => healthAfter(one, outcome, shareMax), unknownHealth);
        expect(shareOf(health)).toBeGreaterThanOrEqual(1);
        expect(shareOf(health)).toBeLessThanOrEqual(shareMax);
        expect(healthAfter(health, "accepted", shareMax).name).toBe("well");
      }),
    );
  });
});
