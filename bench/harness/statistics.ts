/** The value below which so great a share of the values lie (nearest rank); NaN when there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).toSorted();
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).toSorted();
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** Latencies as they are shown, in ms. */
export type Spread = { p50Ms: number; p90Ms: number; p99Ms: number; maxMs: number };

export function spreadOf(valuesMs: readonly number[]): Spread {
  return {
    p50Ms: quantile(valuesMs, 0.5),
    p90Ms: quantile(valuesMs, 0.9),
    p99Ms: quantile(valuesMs, 0.99),
    maxMs: quantile(valuesMs, 1),
  };
}
