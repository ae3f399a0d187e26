import type { Clock } from "../clock.ts";

/** A clock that stands still until it is told to go on. */
export type VirtualClock = Clock & {
  /** Goes on by so many ms: every timer due on the way runs at its own time, and what follows from it is let happen. */
  advance(ms: number): Promise<void>;
  /** Goes on until the condition holds, from timer to timer; fails when none is left, or after `limitMs`. */
  until(condition: () => boolean, limitMs?: number): Promise<void>;
  /** How many timers wait. */
  readonly waiting: number;
};

type Timer = { at: number; order: number; act: () => void };

/** Something outside that takes its own time: settles when what it was asked is done; undefined when nothing is under way. */
export type UnderWay = () => Promise<unknown> | undefined;

const roundsDefault = 20;
const nothing: UnderWay = () => undefined;

/** Lets everything that is ready happen: promises, messages between threads if there are any, and what is under way outside. */
export async function settled(rounds = roundsDefault, underWay = nothing): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const work = underWay();
    if (work !== undefined) {
      await work;
      round = 0;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Where time begins in tests. */
export const virtualBegin = Date.parse("2026-03-02T09:00:00.000Z");

/** `underWay`: while something is, time stands. */
export function virtualClock(startAt = virtualBegin, underWay = nothing): VirtualClock {
  let now = startAt;
  let order = 0;
  const timers = new Set<Timer>();

  const earliest = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
        first = timer;
    }
    return first;
  };

  const runNext = async (upTo: number): Promise<boolean> => {
    const timer = earliest();
    if (timer === undefined || timer.at > upTo) return false;
    timers.delete(timer);
    now = Math.max(now, timer.at);
    timer.act();
    await settled(roundsDefault, underWay);
    return true;
  };

  return {
    now: () => now,
    after(delayMs, act) {
      const timer = { at: now + Math.max(0, delayMs), order: (order += 1), act };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      const target = now + ms;
      await settled(roundsDefault, underWay);
      while (await runNext(target));
      now = target;
      await settled(roundsDefault, underWay);
    },
    async until(condition, limitMs = 7 * 24 * 3_600_000) {
      const target = now + limitMs;
      await settled(roundsDefault, underWay);
      while (!condition()) {
        if (!(await runNext(target))) throw new Error(`it did not happen by ${new Date(now).toISOString()}`);
      }
    },
    get waiting() {
      return timers.size;
    },
  };
}
