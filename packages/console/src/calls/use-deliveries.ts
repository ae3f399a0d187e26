import type { Delivery } from "@offhook/protocol";
import { useQuery } from "@tanstack/react-query";
import { server, valueOf } from "../ui/server.ts";

const lookMs = 1_000;
/** Of one call, so many deliveries are shown at most. */
const pagesMax = 25;
const size = 200;

/** What became of a call's events, by their sequence; looked at again while something is on its way. */
export function useDeliveries(callId: string, isLive: boolean): ReadonlyMap<number, Delivery> {
  const { data } = useQuery({
    queryKey: ["deliveries-of-call", callId],
    queryFn: () => allOf(callId),
    refetchInterval: ({ state }) => (isLive || (state.data ?? []).some(isUnderWay) ? lookMs : false),
  });
  return new Map((data ?? []).map((delivery) => [delivery.sequence, delivery]));
}

async function allOf(callId: string): Promise<Delivery[]> {
  const all: Delivery[] = [];
  for (let page = 1; page <= pagesMax; page += 1) {
    const { data } = await valueOf(server.calls.deliveries(callId, { page, size }));
    all.push(...data);
    if (data.length < size) break;
  }
  return all;
}

function isUnderWay({ state }: Delivery): boolean {
  return state === "pending" || state === "retrying";
}
