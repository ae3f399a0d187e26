/** The time now in epoch ms: the default of the option `now`. */
export const systemNow = (): number => Date.now();

export const timedOut = Symbol("timed out");

/**
 * Waits for a promise, but no longer than `limitMs`: then it gives
 * {@link timedOut}. What the promise does later is its own affair; a late
 * failure is dropped.
 */
export function within<Value>(limitMs: number, promise: Promise<Value>): Promise<Value | typeof timedOut> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(timedOut), limitMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
