import type { Clock } from "../../clock.ts";

/** How long a reply may take, in ms from the request on. */
export type Limits = { firstContentMs: number; totalMs: number };

/** Why a watch stopped its request. */
type Stop = "called-off" | "first-content" | "total";

/** Thrown by a wait that was stopped. */
class Stopped extends Error {
  override readonly name = "Stopped";
}

/** Watches over one request: whatever it waits for, it ends by the signal or a limit. */
export type Watch = {
  /** Aborts with the watch. */
  readonly signal: AbortSignal;
  stoppedBy(): Stop | undefined;
  /** Waits for a promise, one at a time; fails with {@link Stopped} as soon as the watch is stopped. */
  wait<Value>(promise: Promise<Value>): Promise<Value>;
  /** The first content is there: its limit no longer counts. */
  contentBegan(): void;
  close(): void;
};

/** What ends a request: an error made each time would cost a look at the stack. */
const stopped = new Stopped("stopped waiting");

export function openWatch({
  clock,
  limits,
  signal,
}: {
  clock: Clock;
  limits: Limits;
  signal: AbortSignal;
}): Watch {
  const controller = new AbortController();
  let stop: Stop | undefined;
  let giveUp: (error: Stopped) => void = () => undefined;
  const stopFor = (reason: Stop) => (): void => {
    stop ??= reason;
    controller.abort(stopped);
    giveUp(stopped);
  };
  const calledOff = stopFor("called-off");
  if (signal.aborted) calledOff();
  signal.addEventListener("abort", calledOff, { once: true });
  const calmFirst = clock.after(limits.firstContentMs, stopFor("first-content"));
  const calmTotal = clock.after(limits.totalMs, stopFor("total"));
  return {
    signal: controller.signal,
    stoppedBy: () => stop,
    wait: (promise) =>
      new Promise((resolve, reject) => {
        giveUp = reject;
        promise.then(resolve, reject);
        if (stop !== undefined) reject(stopped);
      }),
    contentBegan: calmFirst,
    close() {
      calmFirst();
      calmTotal();
      signal.removeEventListener("abort", calledOff);
      controller.abort(stopped);
    },
  };
}
