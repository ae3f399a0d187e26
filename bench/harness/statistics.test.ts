import { describe, expect, it } from "vitest";
import { median, quantile, spreadOf } from "./statistics.ts";

describe("quantiles", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it.each([
    [hundred, 0.5, 50],
    [hundred, 0.99, 99],
    [hundred, 1, 100],
    [hundred, 0, 1],
    [[7], 0.99, 7],
    [[3, 1, 2], 0.5, 2],
  ])("of values in any order, by nearest rank (%#)", (values, share, expected) => {
    expect(quantile(values, share)).toBe(expected);
  });

  it.each([
    [[10, 9, 100], 10],
    [[1, 100], 50.5],
    [[4, 1, 3, 2], 2.5],
    [[5], 5],
  ])("have the middle of %j at %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it("are no number when there is nothing", () => {
    expect(quantile([], 0.5)).toBeNaN();
    expect(median([])).toBeNaN();
  });

  it("are shown as a spread", () => {
    expect(spreadOf(hundred)).toEqual({ p50Ms: 50, p90Ms: 90, p99Ms: 99, maxMs: 100 });
  });
});
