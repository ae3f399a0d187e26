/** Time, as everything in the server is given it. Times are epoch ms. */
export interface Clock {
  now(): number;
  /** Runs `act` once, `delayMs` from now, unless it is called off first. */
  after(delayMs: number, act: () => void): Cancel;
}

export type Cancel = () => void;

/** Node holds at most this many ms in one timer; longer waits are made of several. */
const timerMaxMs = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, act) {
    let timer: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const stepMs = Math.min(Math.max(leftMs, 0), timerMaxMs);
      timer = setTimeout(() => (leftMs > stepMs ? wait(leftMs - stepMs) : act()), stepMs);
    };
    wait(delayMs);
    return () => clearTimeout(timer);
  },
};

/** Counts on whatever becomes of the machine's time of day; its times only mean something beside each other. */
export const steadyClock: Clock = {
  now: () => performance.now(),
  after: (delayMs, act) => systemClock.after(delayMs, act),
};

/** A clock that goes by a steady one, from the time of day that it is told. */
export type SetClock = Clock & {
  /** It is `now`, give or take `doubtMs`; what is nearer than that is left as it is. */
  set(now: number, doubtMs: number): void;
};

/** Begins at `begin`, in epoch ms. */
export function setClock(steady: Clock, begin: number): SetClock {
  let ahead = begin - steady.now();
  const now = (): number => Math.round(steady.now() + ahead);
  return {
    now,
    after: (delayMs, act) => steady.after(delayMs, act),
    set(told, doubtMs) {
      if (Math.abs(told - now()) > doubtMs) ahead = told - steady.now();
    },
  };
}

/** Runs `act` if the process is still there after so long, which it is not for this alone. */
export function ifStillThere(delayMs: number, act: () => void): void {
  setTimeout(act, delayMs).unref();
}

/** Waits until the event loop has looked once at what came in. */
export function nextRound(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** Waits `delayMs`, or until the signal says stop; then it just returns. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal?.addEventListener("abort", done);
  });
}

export const timedOut = Symbol("timed out");

/**
 * Waits for a promise, but no longer than `limitMs`: then it answers
 * {@link timedOut}. What the promise does later is its own affair; if it fails
 * late, the failure is dropped.
 */
export function within<Value>(
  clock: Clock,
  limitMs: number,
  promise: Promise<Value>,
): Promise<Value | typeof timedOut> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(limitMs, () => resolve(timedOut));
    promise.then(resolve, reject).finally(cancel);
  });
}
