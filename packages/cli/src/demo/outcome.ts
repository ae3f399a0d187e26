import type { Client } from "@offhook/client";
import type { Delivery, EventView } from "@offhook/protocol";
import { poll } from "../clock.ts";
import { type Failure, failureOf } from "../failure.ts";
import { untilEnded } from "../talk/ended.ts";

/** How long deliveries and answers of tools may take after the call's end. */
const settleMaxMs = 30_000;
const lookEveryMs = 100;
const pageMax = 200;

/** What became of the demo's call. */
export type Outcome = {
  endedReason: string;
  summary: string;
  /** What the clinic answered to the booking. */
  booking: unknown;
  delivered: number;
};

/** Waits until the call has ended, its tools have answered and the clinic has everything. */
export async function outcomeOf(
  client: Client,
  callId: string,
  signal: AbortSignal,
): Promise<Outcome | Failure> {
  const ended = await untilEnded(client, callId, signal);
  if ("failure" in ended) return ended;
  const wait = { everyMs: lookEveryMs, limitMs: settleMaxMs, signal };
  const settled = await poll(wait, () => settledOf(client, callId));
  if (settled === undefined) {
    return {
      failure: `The clinic has not received everything of ${callId} within ${settleMaxMs / 1_000} s.`,
    };
  }
  if ("failure" in settled) return settled;
  const booking = bookingIn(settled.events);
  if (booking === undefined)
    return { failure: `The call ended (${ended.endedReason ?? "?"}) without a booking.` };
  return {
    endedReason: ended.endedReason ?? "",
    summary: ended.analysis?.summary ?? "",
    booking,
    delivered: settled.deliveries.filter(({ state }) => state === "delivered").length,
  };
}

type Settled = { deliveries: Delivery[]; events: EventView[] };

/** All there is to know, once nothing is under way any more. */
async function settledOf(client: Client, callId: string): Promise<Settled | Failure | undefined> {
  const deliveries = await deliveriesOf(client, callId);
  if ("failure" in deliveries) return deliveries;
  const dead = deliveries.data.find(({ state }) => state === "dead");
  if (dead !== undefined)
    return { failure: `The clinic did not take ${dead.type} ${dead.id}: ${dead.reason ?? "?"}.` };
  const report = deliveries.data.find(({ type }) => type === "end-of-call-report");
  if (report?.state !== "delivered" || deliveries.data.some(({ state }) => isUnderWay(state)))
    return undefined;
  const events = await eventsOf(client, callId);
  if ("failure" in events || isAnswerOut(events.data)) return "failure" in events ? events : undefined;
  return { deliveries: deliveries.data, events: events.data };
}

function isUnderWay(state: Delivery["state"]): boolean {
  return state === "pending" || state === "retrying";
}

/** Whether a tool that was asked has not answered yet. */
function isAnswerOut(events: readonly EventView[]): boolean {
  const asked = events.filter(({ type }) => type === "tool-requested").length;
  return events.filter(({ type }) => type === "tool-answered").length < asked;
}

function bookingIn(events: readonly EventView[]): unknown {
  const booked = events.flatMap(({ data }) =>
    data.type === "tool-answered" && data.name === "bookAppointment" && data.outcome.kind === "result"
      ? [data.outcome.result]
      : [],
  );
  return booked.at(-1);
}

async function deliveriesOf(client: Client, callId: string): Promise<{ data: Delivery[] } | Failure> {
  const data: Delivery[] = [];
  for (let page = 1; ; page += 1) {
    const answer = await client.calls.deliveries(callId, { page, size: pageMax });
    if (!answer.ok) return failureOf(answer.problem);
    data.push(...answer.value.data);
    if (answer.value.data.length < pageMax) return { data };
  }
}

async function eventsOf(client: Client, callId: string): Promise<{ data: EventView[] } | Failure> {
  const data: EventView[] = [];
  for (let after = 0; ;) {
    const answer = await client.calls.events(callId, { after, limit: pageMax });
    if (!answer.ok) return failureOf(answer.problem);
    data.push(...answer.value.data);
    after = answer.value.next;
    if (!answer.value.more) return { data };
  }
}
