import type { Refusal } from "@offhook/protocol";
import { refusalAt } from "./problem.ts";

const dayMs = 86_400_000;

/** A period in epoch ms, both ends included. A date alone is the whole day, in UTC. */
export function timesOf(period: {
  startDate: string | undefined;
  endDate: string | undefined;
}): { from?: number; to?: number } | Refusal {
  const { startDate, endDate } = period;
  const from = startDate === undefined ? undefined : Date.parse(startDate);
  const to = endDate === undefined ? undefined : Date.parse(endDate) + (isDate(endDate) ? dayMs - 1 : 0);
  if (from !== undefined && to !== undefined && from > to)
    return refusalAt("/endDate", "it is before startDate");
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function isDate(text: string): boolean {
  return !text.includes("T");
}
