import {
  attemptOutcomes,
  type Overview,
  overviewBuckets,
  type ReceiverFigures,
  type Stage,
  type StageFigures,
} from "@offhook/protocol";
import type { Activity } from "../store.ts";

/** So many receivers are shown, those with the most attempts first. */
const receiversMax = 50;

type Period = { from: number; to: number };

/** What happened in a period, as figures. */
export function overviewOf(activity: Activity, period: Period): Overview {
  const { moments, attempts } = activity;
  const inTime = <Item extends { at: number }>(items: readonly Item[]): number[] => bucketsOf(items, period);
  const ofType = (type: string) => moments.filter((moment) => moment.type === type);
  return {
    ...period,
    bucketMs: (period.to - period.from) / overviewBuckets,
    since: activity.since,
    live: activity.live,
    waiting: activity.waiting,
    turns: inTime(ofType("turn-started")),
    hangs: inTime(ofType("hang")),
    errors: inTime(ofType("error")),
    stages: stagesOf(activity),
    outcomes: attemptOutcomes.flatMap((outcome) => {
      const { length: count } = attempts.filter((attempt) => attempt.outcome === outcome);
      return count === 0 ? [] : [{ outcome, count }];
    }),
    accepted: inTime(attempts.filter(isAccepted)),
    failed: inTime(attempts.filter((attempt) => !isAccepted(attempt))),
    receivers: receiversOf(attempts, period),
  };
}

function isAccepted({ outcome }: { outcome: string }): boolean {
  return outcome === "accepted";
}

function bucketsOf(items: readonly { at: number }[], { from, to }: Period): number[] {
  const counts = Array.from({ length: overviewBuckets }, () => 0);
  for (const { at } of items) {
    const place = Math.floor(((at - from) / (to - from)) * overviewBuckets);
    const there = counts[place];
    if (there !== undefined) counts[place] = there + 1;
  }
  return counts;
}

function stagesOf({ moments, attempts }: Activity): StageFigures[] {
  const models = moments.filter(({ type }) => type === "model-answered");
  const tools = moments.filter(({ type }) => type === "tool-answered");
  const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
  const spans: [Stage, number[]][] = [
    ["first-content", known(models.map(({ firstMs }) => firstMs))],
    ["reply", known(models.map(({ wholeMs }) => wholeMs))],
    ["tool", known(tools.map(({ wholeMs }) => wholeMs))],
    ["delivery", attempts.map(({ elapsedMs }) => elapsedMs)],
  ];
  return spans.map(([stage, values]) => ({ stage, count: values.length, ...sharesOf(values) }));
}

function sharesOf(values: readonly number[]): Pick<StageFigures, "p50" | "p90" | "p99"> {
  const sorted = values.toSorted((one, other) => one - other);
  const rank = (share: number): number | null => sorted[Math.ceil(share * sorted.length) - 1] ?? null;
  return { p50: rank(0.5), p90: rank(0.9), p99: rank(0.99) };
}

function receiversOf(attempts: Activity["attempts"], period: Period): ReceiverFigures[] {
  const byUrl = Map.groupBy(attempts, ({ url }) => url);
  return [...byUrl]
    .toSorted(([, one], [, other]) => other.length - one.length)
    .slice(0, receiversMax)
    .flatMap(([url, of]) => {
      const last = of.at(-1);
      if (last === undefined) return [];
      const { p50, p99 } = sharesOf(of.map(({ elapsedMs }) => elapsedMs));
      return [
        {
          url,
          attempts: of.length,
          accepted: bucketsOf(of.filter(isAccepted), period),
          failed: bucketsOf(
            of.filter((attempt) => !isAccepted(attempt)),
            period,
          ),
          p50,
          p99,
          lastOutcome: last.outcome,
          lastAt: last.at,
        },
      ];
    });
}
