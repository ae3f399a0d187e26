import type { Incoming } from "../sending/exchange.ts";

/** Waits before the application is tried again while it is not there, in ms; the last is kept. */
const absentDelaysMs = [500, 1_000, 2_000, 5_000, 10_000];
/** Waits before an event that was refused is sent again, in ms; then it is given up. */
const refusedDelaysMs = [1_000, 5_000];

/** What follows an attempt: the next one after so long, or nothing more. */
export type Next = { next: "again"; afterMs: number } | { next: "accepted" } | { next: "given-up" };

/** `attempts` were made, the last of which was answered so. An application that is not there may be starting: it is waited for. */
export function afterAttempt(answer: Incoming, attempts: number): Next {
  if (answer.kind !== "answered") {
    const afterMs = absentDelaysMs[Math.min(attempts, absentDelaysMs.length) - 1] ?? 0;
    return { next: "again", afterMs };
  }
  if (answer.status >= 200 && answer.status < 300) return { next: "accepted" };
  const afterMs = refusedDelaysMs[attempts - 1];
  return afterMs === undefined || answer.status === 410 ? { next: "given-up" } : { next: "again", afterMs };
}
