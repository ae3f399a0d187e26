import { systemNow } from "./clock.ts";

/**
 * npm passes Ctrl-C on to its children, which the terminal has told already:
 * the same signal within this time is the same Ctrl-C.
 */
const echoMs = 300;

/** The first SIGINT, SIGTERM or SIGHUP aborts the signal; another one calls `again`. */
export function untilStopped(again: () => void): AbortSignal {
  const stop = new AbortController();
  let firstAt = 0;
  const hear = (): void => {
    if (stop.signal.aborted && systemNow() - firstAt > echoMs) return again();
    if (stop.signal.aborted) return;
    firstAt = systemNow();
    stop.abort();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, hear);
  return stop.signal;
}

/** Settles when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
