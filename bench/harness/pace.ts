import { sharedNowMs } from "./time.ts";

/** How often the pace is looked at. What is due by then is begun together; each counts from when it was due. */
const tickMs = 1;

/**
 * An open loop: begins so many a second, whether or not earlier ones have
 * ended, so that a slow answer does not make the load lighter. `begin` is
 * given the moment when its turn was due, also when that has passed: what
 * waits because the process is busy is waiting too.
 */
export function keepPace(
  { perSecond, seconds }: { perSecond: number; seconds: number },
  begin: (dueAt: number) => void,
): Promise<void> {
  const total = Math.round(perSecond * seconds);
  const startAt = sharedNowMs() + tickMs;
  // Moments fall on whole ms, as a timer can hold them.
  const dueAt = (number: number): number => startAt + Math.floor((number * 1e3) / perSecond);
  return new Promise((resolve) => {
    let number = 0;
    const tick = (): void => {
      const now = sharedNowMs();
      for (; number < total && dueAt(number) <= now; number += 1) begin(dueAt(number));
      if (number >= total) resolve();
      else setTimeout(tick, tickMs);
    };
    tick();
  });
}
