import type { Answer } from "@offhook/client";
import type { Problem } from "@offhook/protocol";
import { sleep, systemNow } from "../clock.ts";

/** A call goes on at another server when its own is gone, or at the same when it is started again; so long that may take. */
export const outageMaxMs = 10_000;
export const againEveryMs = 250;

/** Whether it may be answered in a moment, here or by another server. */
export function isOutage({ status, code }: Problem): boolean {
  return status === 503 || code === "unreachable";
}

/** Asks again and again as long as an outage may last. For what may be done twice. */
export async function overOutage<Value>(
  ask: () => Promise<Answer<Value>>,
  signal?: AbortSignal,
): Promise<Answer<Value>> {
  const endsAt = systemNow() + outageMaxMs;
  for (;;) {
    const answer = await ask();
    if (answer.ok || !isOutage(answer.problem) || systemNow() > endsAt || signal?.aborted) return answer;
    await sleep(againEveryMs, signal);
  }
}
