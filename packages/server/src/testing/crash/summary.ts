import { sumsOf } from "./account.ts";
import type { CrashResult } from "./crash-rounds.ts";

/** So many faults of a kind are told. */
const faultsMax = 5;

/** What came of the kills, for whoever reads the output. */
export function summaryOf(what: string, { account, ...sizes }: CrashResult & { seed: number }): string {
  const { seed, kills, calls, takeUps, events, requests } = sizes;
  const faults = Object.entries(account).flatMap(([kind, each]) =>
    each.slice(0, faultsMax).map((one) => `  ${kind}: ${one}`),
  );
  const head = `${what}: seed ${seed}, ${kills} kills, ${calls} calls, taken up ${takeUps} times, ${events} events, ${requests} requests`;
  return `${[head, sumsOf(account), ...faults].join("\n")}\n`;
}
