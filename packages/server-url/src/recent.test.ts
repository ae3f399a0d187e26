import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeRecent } from "./recent.ts";

describe("what came last", () => {
  it("holds the newest half of its number, and never more than its number", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 20 }),
        fc.array(fc.nat(30), { maxLength: 60 }),
        (entriesMax, keys) => {
          const recent = makeRecent<number>({ entriesMax });
          for (const [at, key] of keys.entries()) {
            recent.set(String(key), at);
            expect(recent.size).toBeLessThanOrEqual(entriesMax);
          }
          const newest = [...new Set(keys.toReversed())].slice(0, Math.floor(entriesMax / 2));
          for (const key of newest) expect(recent.get(String(key))).toBe(keys.lastIndexOf(key));
        },
      ),
    );
  });

  it("holds no more than its weight", () => {
    const recent = makeRecent<string>({
      entriesMax: 1_000,
      weightMax: 100,
      weightOf: (_, value) => value.length,
    });
    for (let round = 0; round < 50; round++) recent.set(`k${round}`, "x".repeat(20));
    const held = Array.from({ length: 50 }, (_, round) => recent.get(`k${round}`)).filter(
      (value) => value !== undefined,
    );
    expect(held.length * 20).toBeLessThanOrEqual(100);
    expect(recent.get("k49")).toBeDefined();
    expect(recent.get("k48")).toBeDefined();
  });
});
