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
    const ending =
      <Outcome>(end: (outcome: Outcome) => void) =>
      (outcome: Outcome) => {
        clearTimeout(timer);
        end(outcome);
      };
    promise.then(ending(resolve), ending(reject));
  });
}

/** What `begin` ends with, or `late` when it has not ended after `limitMs`; what it ends with later is dropped. */
export function endOf<Value>(
  { limitMs, late }: { limitMs: number; late: () => Value },
  begin: (end: (value: Value) => void) => void,
): Promise<Value> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(late()), limitMs);
    begin((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
