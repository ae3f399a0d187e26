import { median } from "./statistics.ts";

/** What one round of a contender gave, by name with the unit at the end: `eventsPerSecond`, `p99Ms`. */
export type Figures = Record<string, number>;

export type Contender = { name: string; round: () => Promise<Figures> };

/** A contender's rounds, and the median of each figure. */
export type Result = { name: string; median: Figures; rounds: Figures[] };

export type Course = {
  rounds: number;
  /** Whether one round goes before and is not counted. */
  warmUp: boolean;
  /** Hears of each round as it ends. */
  tell?: (line: string) => void;
};

/**
 * Runs the contenders in turn, round by round, so that what the machine does
 * meanwhile meets all of them; who begins changes with every round.
 */
export async function interleave(contenders: readonly Contender[], course: Course): Promise<Result[]> {
  const rounds = new Map<string, Figures[]>(contenders.map(({ name }) => [name, []]));
  const first = course.warmUp ? -1 : 0;
  for (let round = first; round < course.rounds; round += 1) {
    for (const { name, round: run } of turned(contenders, Math.max(round, 0))) {
      const figures = await run();
      course.tell?.(`${round < 0 ? "warm-up" : `round ${round + 1}`}  ${name}  ${inWords(figures)}`);
      if (round >= 0) rounds.get(name)?.push(figures);
    }
  }
  return [...rounds].map(([name, all]) => ({ name, median: mediansOf(all), rounds: all }));
}

function turned<Item>(items: readonly Item[], by: number): Item[] {
  const at = by % Math.max(items.length, 1);
  return [...items.slice(at), ...items.slice(0, at)];
}

export function mediansOf(rounds: readonly Figures[]): Figures {
  const names = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(
    names.map((name) => [name, median(rounds.map((round) => round[name] ?? Number.NaN))]),
  );
}

/** A figure of a contender's medians; NaN when there is none. */
export function figureOf(results: readonly Result[], name: string, figure: string): number {
  return results.find((result) => result.name === name)?.median[figure] ?? Number.NaN;
}

/** The median of the ratios of one round with the other's same round, which passing load hardly touches. */
export function ratioOf(
  results: readonly Result[],
  figure: string,
  of: { name: string; to: string },
): number {
  const upper = results.find(({ name }) => name === of.name)?.rounds ?? [];
  const lower = results.find(({ name }) => name === of.to)?.rounds ?? [];
  return median(
    upper.map((round, index) => (round[figure] ?? Number.NaN) / (lower[index]?.[figure] ?? Number.NaN)),
  );
}

function inWords(figures: Figures): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${rounded(value)}`)
    .join(", ");
}

/** Four digits that say something. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}
