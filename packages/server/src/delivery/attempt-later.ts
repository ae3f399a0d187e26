/** A receiver that asks for more patience than this is taken at this, in ms: a week. */
export const retryAfterMsMax = 7 * 24 * 3_600_000;

/**
 * Reads `Retry-After` (RFC 9110, 10.2.3): seconds, or a date in GMT. Answers in
 * ms from `now`, at least 0; null when there is none, or it cannot be read.
 */
export function retryAfter(header: string | undefined, now: number): number | null {
  const text = header?.trim() ?? "";
  if (/^\d{1,12}(?:\.\d{1,9})?$/u.test(text)) return bounded(Math.round(Number(text) * 1_000));
  if (!/^[A-Z][a-z]{2,8},? .{10,40}$/u.test(text)) return null;
  const at = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(at) ? null : bounded(at - now);
}

function bounded(delayMs: number): number {
  return Math.min(Math.max(delayMs, 0), retryAfterMsMax);
}
