import type { TellType } from "@offhook/protocol";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** How long after each failed attempt the next one comes, in ms; after the last the event is a dead letter. About 76 h. */
export const retryDelaysMs = [
  second,
  5 * second,
  30 * second,
  2 * minute,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
] as const;

/** A planned delay varies by this share, so that receivers are not met in step. */
export const jitter = 0.2;

/**
 * How long to wait after the `attempts`-th attempt failed; `undefined` when it
 * was the last. A receiver's `Retry-After` counts between the planned delay and
 * twice that. `chance` is in [0, 1).
 */
export function delayAfter(
  attempts: number,
  retryAfterMs: number | null,
  chance: number,
): number | undefined {
  const base = retryDelaysMs[attempts - 1];
  if (base === undefined) return undefined;
  const planned = Math.round(base * (1 - jitter + 2 * jitter * chance));
  if (retryAfterMs === null) return planned;
  return Math.min(Math.max(retryAfterMs, planned), 2 * planned);
}

/** Whether a newer event of the same type holds all that this one tells. */
export function isSupersedable(type: TellType): boolean {
  return type === "conversation-update";
}
