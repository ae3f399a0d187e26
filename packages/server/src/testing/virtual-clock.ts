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

/** Lets everything that is ready happen: promises, and messages between threads if there are any. */
export async function settled(rounds = 20): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await new Promise((resolve) => setImmediate(resolve));
}

export function virtualClock(startAt = Date.parse("2026-03-02T09:00:00.000Z")): VirtualClock {
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
    await settled();
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
      await settled();
      while (await runNext(target));
      now = target;
      await settled();
    },
    async until(condition, limitMs = 7 * 24 * 3_600_000) {
      const target = now + limitMs;
      await settled();
      while (!condition()) {
        if (!(await runNext(target))) throw new Error(`it did not happen by ${new Date(now).toISOString()}`);
      }
    },
    get waiting() {
      return timers.size;
    },
  };
}
