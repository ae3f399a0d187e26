/** Epoch ms. */
export const systemNow = (): number => Date.now();

/** A signal that aborts after a time, unless it is called off or begun anew. */
export type Deadline = { signal: AbortSignal; restart: () => void; callOff: () => void };

export function deadline(limitMs: number): Deadline {
  const controller = new AbortController();
  const begin = () => setTimeout(() => controller.abort(), limitMs);
  let timer = begin();
  return {
    signal: controller.signal,
    restart() {
      clearTimeout(timer);
      timer = begin();
    },
    callOff: () => clearTimeout(timer),
  };
}

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
