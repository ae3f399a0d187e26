import { expect, test } from "vitest";
import type { Activity } from "../store.ts";
import { overviewOf } from "./overview-figures.ts";

const period = { from: 0, to: 60_000 };
const nothing: Activity = {
  since: 0,
  live: 0,
  waiting: { events: 0, calls: 0, oldestAt: null },
  moments: [],
  attempts: [],
};

const moment = (type: Activity["moments"][number]["type"], at: number, ms: number | null = null) => ({
  type,
  at,
  firstMs: type === "model-answered" ? ms : null,
  wholeMs: ms,
});

test("nothing is figures too", () => {
  const { stages, turns, receivers, outcomes } = overviewOf(nothing, period);
  expect(turns).toEqual(Array.from({ length: 60 }, () => 0));
  expect(stages.map(({ count, p50 }) => [count, p50])).toEqual(Array.from({ length: 4 }, () => [0, null]));
  expect([receivers, outcomes]).toEqual([[], []]);
});

test("moments go into the part of the period in which they were, the ends too", () => {
  const moments = [0, 999, 1_000, 59_999].map((at) => moment("turn-started", at));
  const { turns } = overviewOf({ ...nothing, moments: [...moments, moment("turn-started", 60_000)] }, period);
  expect([turns[0], turns[1], turns[59]]).toEqual([2, 1, 1]);
  expect(turns.reduce((sum, count) => sum + count)).toBe(4);
});

test("stages have their shares by nearest rank", () => {
  const moments = Array.from({ length: 100 }, (_, index) => moment("model-answered", 1, 100 - index));
  const { stages } = overviewOf({ ...nothing, moments: [...moments, moment("tool-answered", 1, 7)] }, period);
  expect(stages).toEqual([
    { stage: "first-content", count: 100, p50: 50, p90: 90, p99: 99 },
    { stage: "reply", count: 100, p50: 50, p90: 90, p99: 99 },
    { stage: "tool", count: 1, p50: 7, p90: 7, p99: 7 },
    { stage: "delivery", count: 0, p50: null, p90: null, p99: null },
  ]);
});

test("receivers are told apart by their address, the busiest first, with how they fared last", () => {
  const attempt = (url: string, at: number, outcome: "accepted" | "timed-out") => ({
    url,
    at,
    outcome,
    elapsedMs: at,
  });
  const attempts = [
    attempt("https://a.example", 100, "accepted"),
    attempt("https://b.example", 200, "accepted"),
    attempt("https://b.example", 5_000, "timed-out"),
  ];
  const { receivers, outcomes, accepted, failed } = overviewOf({ ...nothing, attempts }, period);
  expect(receivers.map(({ url, attempts: of, lastOutcome }) => [url, of, lastOutcome])).toEqual([
    ["https://b.example", 2, "timed-out"],
    ["https://a.example", 1, "accepted"],
  ]);
  expect(receivers[0]?.failed[5]).toBe(1);
  expect(outcomes).toEqual([
    { outcome: "accepted", count: 2 },
    { outcome: "timed-out", count: 1 },
  ]);
  expect([accepted[0], failed[5]]).toEqual([2, 1]);
});
