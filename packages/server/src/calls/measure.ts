import type { Entry, Metrics } from "@offhook/protocol";

/** Counts and times of a call, from its journal. */
export function measure(entries: readonly Entry[]): Metrics {
  const firstContentMs: number[] = [];
  const counts = {
    turns: 0,
    toolCalls: 0,
    toolFailures: 0,
    hangs: 0,
    hangsRecovered: 0,
    errors: 0,
    requests: 0,
  };
  for (const { what } of entries) {
    if (what.type === "turn-started") counts.turns += 1;
    else if (what.type === "tool-requested") counts.toolCalls += 1;
    else if (what.type === "tool-answered" && what.outcome.kind === "error") counts.toolFailures += 1;
    else if (what.type === "hang") counts.hangs += 1;
    else if (what.type === "hang-recovered") counts.hangsRecovered += 1;
    else if (what.type === "error") counts.errors += 1;
    else if (what.type === "model-requested") counts.requests += 1;
    else if (what.type === "model-answered" && what.firstContentMs !== null)
      firstContentMs.push(what.firstContentMs);
  }
  const { requests, ...rest } = counts;
  return { ...rest, llm: { requests, firstContentMs: spread(firstContentMs) } };
}

function spread(values: readonly number[]): Metrics["llm"]["firstContentMs"] {
  if (values.length === 0) return null;
  const sorted = values.toSorted((one, other) => one - other);
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: rank(0.5), p95: rank(0.95), max: rank(1) };
}
