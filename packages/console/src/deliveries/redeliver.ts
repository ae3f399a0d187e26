import type { Client, RedeliverQuery } from "@offhook/client";
import type { DeliveryState, Problem } from "@offhook/protocol";

/** So many requests are made at a time, and so often one looks how they fare. */
const redeliverLimits = { atOnce: 4, lookMs: 700, looksMax: 600 } as const;

/** How many of the picked events were sent again, and what has become of them. */
export type Progress = { of: number; sent: number; accepted: number; failed: number; problem?: Problem };

type Parts = { client: Pick<Client, "deliveries">; pause: (ms: number) => Promise<void> };

/** Sends picked events again and watches them until each was accepted or has failed once more. */
export async function* redeliver(
  { client, pause }: Parts,
  ids: readonly string[],
): AsyncGenerator<Progress, void, undefined> {
  const progress: Progress = { of: ids.length, sent: 0, accepted: 0, failed: 0 };
  const before = await attemptsOf(client, ids);
  for (let place = 0; place < ids.length; place += redeliverLimits.atOnce) {
    const some = ids.slice(place, place + redeliverLimits.atOnce);
    const answers = await Promise.all(some.map((id) => client.deliveries.redeliver(id)));
    for (const answer of answers) {
      if (!answer.ok) {
        yield { ...progress, problem: answer.problem };
        return;
      }
      progress.sent += 1;
    }
    yield { ...progress };
  }
  const open = new Set(ids);
  for (let look = 0; open.size > 0 && look < redeliverLimits.looksMax; look += 1) {
    await pause(redeliverLimits.lookMs);
    for (const [id, now] of await attemptsOf(client, [...open])) {
      const kind = outcomeOf(now, before.get(id)?.attempts ?? 0);
      if (kind === "open") continue;
      open.delete(id);
      progress[kind] += 1;
    }
    yield { ...progress };
  }
}

type Standing = { attempts: number; state: DeliveryState };

async function attemptsOf(
  client: Pick<Client, "deliveries">,
  ids: readonly string[],
): Promise<Map<string, Standing>> {
  const found = new Map<string, Standing>();
  for (let place = 0; place < ids.length; place += redeliverLimits.atOnce) {
    const some = ids.slice(place, place + redeliverLimits.atOnce);
    const answers = await Promise.all(some.map((id) => client.deliveries.get(id)));
    for (const answer of answers) if (answer.ok) found.set(answer.value.id, answer.value);
  }
  return found;
}

function outcomeOf({ attempts, state }: Standing, before: number): "open" | "accepted" | "failed" {
  if (attempts <= before) return "open";
  return state === "delivered" ? "accepted" : "failed";
}

/** What is asked for when everything that the filters show is to be sent again; `undefined` for what is on its way anyway. */
export function manyOf(filter: Filter): RedeliverQuery | undefined {
  const { state = "dead", type, assistantId, startDate, endDate } = filter;
  if (state === "pending" || state === "retrying") return undefined;
  return { state, type, assistantId, startDate, endDate };
}

type Filter = Omit<RedeliverQuery, "state"> & { state?: DeliveryState | undefined };
