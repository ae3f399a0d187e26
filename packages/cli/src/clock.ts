/** Epoch ms. */
/** Runs `act` if the process is still there after so long, which it is not for this alone. */
export function ifStillThere(delayMs: number, act: () => void): void {
  setTimeout(act, delayMs).unref();
}

export const systemNow = (): number => Date.now();

/** Waits `delayMs`, or until the signal says stop; then it just returns. */
export function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    signal?.addEventListener("abort", done);
  });
}

export const timedOut = Symbol("timed out");

/** Waits for a promise, but no longer than `limitMs`: then it answers {@link timedOut}. */
export function within<Value>(limitMs: number, promise: Promise<Value>): Promise<Value | typeof timedOut> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(timedOut), limitMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Looks again and again until `look` finds something; `undefined` when the time is up or the signal says stop. */
export async function poll<Found>(
  wait: { everyMs: number; limitMs: number; signal?: AbortSignal | undefined },
  look: () => Promise<Found | undefined>,
): Promise<Found | undefined> {
  const until = systemNow() + wait.limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined || systemNow() >= until || wait.signal?.aborted) return found;
    await sleep(wait.everyMs, wait.signal);
  }
}

/** A signal that aborts after a time, unless it is called off. */
export function deadline(limitMs: number): { signal: AbortSignal; callOff: () => void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), limitMs);
  return { signal: controller.signal, callOff: () => clearTimeout(timer) };
}
