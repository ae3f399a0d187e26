import { createRoute, z } from "@hono/zod-openapi";
import {
  callId,
  type CallId,
  type Delivery,
  manySentAgain,
  parseEventId,
  type RedeliverBody,
  redeliverBody,
  type Refusal,
  type TeamId,
} from "@offhook/protocol";
import type { DeliveriesFilter, Store } from "../store.ts";
import { unknownCall } from "./call-view.ts";
import { unknownEvent } from "./deliveries.ts";
import { answer, elseProblem, idParam, refusals, takesJson } from "./operation.ts";
import type { App, HttpParts } from "./parts.ts";
import { timesOf } from "./period.ts";
import { isRefusal, refuse } from "./problem.ts";

const tags = ["deliveries"];

/** Events that are read at a time. */
const readMax = 200;
/** Events that one request sends again. */
const sentAgainMax = 10_000;

/** What is sent again. */
export const sentAgainView = z.object({
  accepted: z.literal(true),
  events: z.array(z.string()).describe("Ids of the events that are sent again, in order."),
});

/** Sends events again: one, all dead letters of a call, all of a time. */
export function addRedeliver(app: App, parts: HttpParts): void {
  addSendMany(app, parts);
  addSendAgain(app, parts);
}

function addSendAgain(app: App, parts: HttpParts): void {
  const { store } = parts;
  const route = createRoute({
    method: "post",
    path: "/events/v1/deliveries/{id}/redeliver",
    operationId: "redeliver",
    tags,
    summary: "Send an event again",
    description:
      "Sends an event again, whatever became of it, before anything new of its call; an event that is still to be sent is only sent once. With the id of a call it sends all the call's dead letters again, in order. Takes no body. Answers 202 when it is on disk.",
    request: { params: idParam },
    responses: { 202: answer("They are on their way.", sentAgainView), ...elseProblem },
    ...refusals("not-found"),
  });
  app.openapi(route, async (context) => {
    const { id } = context.req.valid("param");
    const letters = await lettersOf(store, context.var.teamId, id);
    if (isRefusal(letters)) return refuse(context, letters);
    await sendAgain(parts, letters);
    const events = letters.map((letter) => letter.id);
    return context.json({ accepted: true as const, events }, 202);
  });
}

function addSendMany(app: App, parts: HttpParts): void {
  const { middleware, body } = takesJson(redeliverBody.strict());
  const route = createRoute({
    method: "post",
    path: "/events/v1/deliveries/redeliver",
    operationId: "redeliver-many",
    tags,
    summary: "Send many events again",
    description: `Sends again what was given up, or what was delivered, since a time or by type and assistant: for an application that was down for long, or lost what it had. The events of a call go in their order; at most ${sentAgainMax.toLocaleString("en")} with one request, the newest first. Answers 202 when it is on disk.`,
    middleware,
    request: { body },
    responses: { 202: answer("They are on their way.", manySentAgain), ...elseProblem },
    ...refusals("invalid"),
  });
  app.openapi(route, async (context) => {
    const filter = filterOf(context.var.teamId, context.req.valid("json"));
    if (isRefusal(filter)) return refuse(context, filter);
    const letters = await read(parts.store, filter, sentAgainMax + 1);
    const sent = letters.slice(0, sentAgainMax);
    const calls = await sendAgain(parts, sent);
    const more = letters.length > sentAgainMax;
    return context.json({ accepted: true as const, events: sent.length, calls, more }, 202);
  });
}

type Filter = Omit<DeliveriesFilter, "offset" | "limit">;

function filterOf(
  teamId: TeamId,
  { startDate, endDate, state, type, assistantId }: RedeliverBody,
): Filter | Refusal {
  const period = timesOf({ startDate, endDate });
  if ("refused" in period) return period;
  return { teamId, state, type, assistantId, ...period };
}

/** What is to be sent again: one event, or the dead letters of a call. */
async function lettersOf(store: Store, teamId: TeamId, id: string): Promise<Delivery[] | Refusal> {
  const call = callId.safeParse(id);
  if (call.success) {
    const whom = { teamId, callId: call.data };
    if ((await store.findCall(whom)) === undefined) return unknownCall(id);
    return read(store, { ...whom, state: "dead" }, sentAgainMax);
  }
  const event = parseEventId(id);
  const found = event && (await store.findDelivery({ teamId, ...event }));
  return found === undefined ? unknownEvent(id) : [found];
}

async function read(store: Store, filter: Filter, max: number): Promise<Delivery[]> {
  const letters: Delivery[] = [];
  while (letters.length < max) {
    const place = { offset: letters.length, limit: Math.min(readMax, max - letters.length) };
    const { deliveries } = await store.listDeliveries({ ...filter, ...place });
    letters.push(...deliveries);
    if (deliveries.length < place.limit) break;
  }
  return letters;
}

/** Puts them in their lanes, call by call; answers how many calls there were. */
async function sendAgain(
  { store, clock, wakeDelivery }: Pick<HttpParts, "store" | "clock" | "wakeDelivery">,
  letters: readonly Delivery[],
): Promise<number> {
  const byCall = new Map<CallId, number[]>();
  for (const letter of letters) {
    const of = callId.parse(letter.callId);
    byCall.set(of, [...(byCall.get(of) ?? []), letter.sequence]);
  }
  await Promise.all(
    [...byCall].map(([of, sequences]) => store.sendAgain({ callId: of, sequences, now: clock.now() })),
  );
  if (byCall.size > 0) wakeDelivery();
  return byCall.size;
}
