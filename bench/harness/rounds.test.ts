import { describe, expect, it } from "vitest";
import { type Contender, figureOf, interleave, ratioOf, rounded } from "./rounds.ts";

function counted(): { order: string[]; contenders: Contender[] } {
  const order: string[] = [];
  let number = 0;
  const contender = (name: string): Contender => ({
    name,
    round: async () => {
      order.push(name);
      number += 1;
      return { perSecond: number };
    },
  });
  return { order, contenders: ["a", "b"].map(contender) };
}

describe("rounds", () => {
  it("take turns, and each begins once in a while", async () => {
    const { order, contenders } = counted();
    await interleave(contenders, { rounds: 3, warmUp: false });
    expect(order.join("")).toBe("abbaab");
  });

  it("leave the warm-up out", async () => {
    const { contenders } = counted();
    const results = await interleave(contenders, { rounds: 1, warmUp: true });
    expect(results.map(({ rounds }) => rounds)).toEqual([[{ perSecond: 3 }], [{ perSecond: 4 }]]);
  });

  it("give medians, and ratios of rounds that belong together", async () => {
    const { contenders } = counted();
    const results = await interleave(contenders, { rounds: 3, warmUp: false });
    // a: 1, 4, 5; b: 2, 3, 6.
    expect(figureOf(results, "a", "perSecond")).toBe(4);
    expect(ratioOf(results, "perSecond", { name: "a", to: "b" })).toBeCloseTo(5 / 6);
    expect(figureOf(results, "c", "perSecond")).toBeNaN();
  });

  it.each([
    [12_345.6, "12,346"],
    [1.23456, "1.23"],
    [0, "0"],
    [Number.NaN, "–"],
  ])("show %d as %s", (value, text) => {
    expect(rounded(value)).toBe(text);
  });
});
