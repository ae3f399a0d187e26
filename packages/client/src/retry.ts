import type { Answer } from "./answer.ts";
import { sleep } from "./clock.ts";
import type { Limits } from "./limits.ts";

/** An answer, and how long the server asks to be left alone, in ms; null when it does not say. */
export type Tried<Value> = { answer: Answer<Value>; retryAfterMs: number | null };

export type Retrying = {
  limits: Limits;
  /** Whether doing it twice does no more than doing it once: it reads, or it has an idempotency key. */
  isRepeatable: boolean;
  signal: AbortSignal | undefined;
};

/**
 * Asks until it is answered, at most `retriesMax` times more. "Not now" (429,
 * 503) was not done, so it is asked again whatever it was; what may have been
 * done, only if it is repeatable.
 */
export async function withRetries<Value>(
  ask: () => Promise<Tried<Value>>,
  how: Retrying,
): Promise<Answer<Value>> {
  const { limits, signal } = how;
  for (let retry = 0; ; retry++) {
    const { answer, retryAfterMs } = await ask();
    if (answer.ok || retry >= limits.retriesMax || !isWorthIt(answer.problem, how.isRepeatable))
      return answer;
    const planned = Math.min(limits.retryFirstMs * 2 ** retry, limits.retryLastMs);
    const waitMs = Math.max(planned, retryAfterMs ?? 0);
    // Longer than that the caller had better decide.
    if (waitMs > limits.retryLastMs) return answer;
    await sleep(waitMs, signal);
    if (signal?.aborted) return answer;
  }
}

function isWorthIt({ status, code }: { status: number; code: string }, isRepeatable: boolean): boolean {
  if (status === 429 || status === 503) return true;
  return isRepeatable && (status === 502 || status === 504 || code === "unreachable");
}

/** `Retry-After` in ms: seconds, or a date. Source: RFC 9110, 10.2.3. */
export function retryAfterOf(header: string | null, now: number): number | null {
  if (header === null) return null;
  const ms = /^\d{1,6}$/u.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}
