import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  eventsOf,
  hang,
  modelAnswered,
  modelRequested,
  toolAnswered,
  toolRequested,
  turnEnded,
  turnStarted,
} from "../testing/events.ts";
import { pan, timeLine, zoom } from "./time-line.ts";

const none = new Map();

describe("a time line", () => {
  test("has a span from each question to its answer, and one that goes on until now", () => {
    const events = eventsOf([0, turnStarted], [10, modelRequested], [30, modelAnswered], [30, toolRequested]);
    const { spans, to } = timeLine(events, none, 500);
    expect(spans.map(({ lane, from, to: end }) => [lane, from, end])).toEqual([
      ["Model", 10, 30],
      ["Tools", 30, 500],
    ]);
    expect(to).toBe(500);
  });

  test("shows a failed tool as such, and a hang from where the silence began to the end of the turn", () => {
    const events = eventsOf(
      [0, turnStarted],
      [5, toolRequested],
      [1_000, hang],
      [1_200, toolAnswered],
      [1_500, turnEnded],
    );
    const { spans } = timeLine(events, none, 9_000);
    expect(spans.map(({ lane, tone }) => [lane, tone])).toEqual([
      ["Tools", "bad"],
      ["Silence", "warn"],
    ]);
    expect(spans[1]).toMatchObject({ from: 0, to: 1_500 });
  });

  test("has a length even of nothing", () => {
    const { from, to, spans } = timeLine([], none, 7);
    expect([to > from, spans]).toEqual([true, []]);
  });
});

const whole = { from: 0, to: 10_000 };

test("however one zooms and moves, one looks at a part of the whole", () => {
  const move = fc.oneof(
    fc.record({
      factor: fc.double({ min: 0.1, max: 10, noNaN: true }),
      around: fc.integer({ min: 0, max: 10_000 }),
    }),
    fc.record({ share: fc.double({ min: -3, max: 3, noNaN: true }) }),
  );
  fc.assert(
    fc.property(fc.array(move, { maxLength: 20 }), (moves) => {
      let sight = whole;
      for (const one of moves)
        sight = "share" in one ? pan(sight, whole, one.share) : zoom(sight, whole, one);
      expect(sight.from).toBeGreaterThanOrEqual(whole.from);
      expect(sight.to).toBeLessThanOrEqual(whole.to + 1e-6);
      expect(sight.to - sight.from).toBeGreaterThan(99);
    }),
  );
});

test("zooming keeps the moment that one points at where it is", () => {
  expect(zoom(whole, whole, { factor: 2, around: 5_000 })).toEqual({ from: 2_500, to: 7_500 });
});
