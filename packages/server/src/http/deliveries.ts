import { createRoute, z } from "@hono/zod-openapi";
import { attempt, deliveriesQuery, delivery, pageOf, parseEventId, type Refusal } from "@offhook/protocol";
import type { DeliveriesFilter, Store } from "../store.ts";
import { callIdOf, unknownCall } from "./call-view.ts";
import { answer, elseProblem, idParam, refusals } from "./operation.ts";
import type { App, HttpParts } from "./parts.ts";
import { timesOf } from "./period.ts";
import { isRefusal, refusalAt, refuse } from "./problem.ts";

const tags = ["deliveries"];

/** Of one event, so many attempts are shown. */
const attemptsMax = 100;

const query = deliveriesQuery.strict();

/** An event on its way, with the attempts that were made. */
export const deliveryView = delivery.extend({
  attemptLog: z
    .array(attempt)
    .describe("The attempts, oldest first, with request, answer and times; secrets are masked."),
});

/** What became of the events for Server URLs. */
export function addDeliveries(app: App, parts: HttpParts): void {
  addListOfCall(app, parts);
  addListOfTeam(app, parts);
  addFind(app, parts);
}

function addListOfCall(app: App, { store }: HttpParts): void {
  const route = createRoute({
    method: "get",
    path: "/calls/v1/conversations/{id}/deliveries",
    operationId: "list-deliveries-of-call",
    tags,
    summary: "What became of a call's events",
    description:
      "The events for the call's Server URL in order, a page at a time: `pending`, `retrying`, `delivered`, `superseded` or `dead`. Times are epoch ms. Empty when the call has no Server URL.",
    request: { params: idParam, query },
    responses: { 200: answer("A page of deliveries.", pageOf(delivery)), ...elseProblem },
    ...refusals("not-found", "invalid"),
  });
  app.openapi(route, async (context) => {
    const { id } = context.req.valid("param");
    const of = callIdOf(id);
    if (typeof of !== "string") return refuse(context, of);
    const { teamId } = context.var;
    if ((await store.findCall({ teamId, callId: of })) === undefined) return refuse(context, unknownCall(id));
    const found = await list(store, { teamId, callId: of }, context.req.valid("query"));
    return isRefusal(found) ? refuse(context, found) : context.json(found, 200);
  });
}

function addListOfTeam(app: App, { store }: HttpParts): void {
  const route = createRoute({
    method: "get",
    path: "/events/v1/deliveries",
    operationId: "list-deliveries",
    tags,
    summary: "What became of all events",
    description:
      "The events for the team's Server URLs, the newest first, a page at a time. `state=dead` lists the dead letters: what was given up, with its reason. `startDate` and `endDate` bound the moment that an event tells of, both included. `before`, the id of an event, goes on behind it: a list that is read on stays whole when new events come. `totalCount` is counted up to 10,000, without `before`.",
    request: { query },
    responses: { 200: answer("A page of deliveries.", pageOf(delivery)), ...elseProblem },
    ...refusals("invalid"),
  });
  app.openapi(route, async (context) => {
    const { teamId } = context.var;
    const found = await list(store, { teamId }, context.req.valid("query"));
    return isRefusal(found) ? refuse(context, found) : context.json(found, 200);
  });
}

async function list(
  store: Store,
  whose: Pick<DeliveriesFilter, "teamId" | "callId">,
  { page: number, size, startDate, endDate, before, ...chosen }: z.infer<typeof query>,
) {
  const behind = before === undefined ? undefined : parseEventId(before);
  if (before !== undefined && behind === undefined) return refusalAt("/before", "it is no event's id");
  const period = timesOf({ startDate, endDate });
  if ("refused" in period) return period;
  const place = { offset: (number - 1) * size, limit: size };
  const { deliveries, totalCount } = await store.listDeliveries({
    ...whose,
    ...chosen,
    ...period,
    ...place,
    before: behind,
  });
  return { data: deliveries, page: number, size, totalCount };
}

function addFind(app: App, { store }: HttpParts): void {
  const route = createRoute({
    method: "get",
    path: "/events/v1/deliveries/{id}",
    operationId: "get-delivery",
    tags,
    summary: "What became of one event",
    description: `The event by its id (\`evt_…\`, its \`webhook-id\`), with up to ${attemptsMax} attempts: when each was made, what was sent where, what was answered. Answers are cut at 64 KiB.`,
    request: { params: idParam },
    responses: { 200: answer("The delivery, with its attempts.", deliveryView), ...elseProblem },
    ...refusals("not-found"),
  });
  app.openapi(route, async (context) => {
    const { id } = context.req.valid("param");
    const event = parseEventId(id);
    const found = event && (await store.findDelivery({ teamId: context.var.teamId, ...event }));
    if (event === undefined || found === undefined) return refuse(context, unknownEvent(id));
    const attemptLog = await store.attemptsOf({ ...event, limit: attemptsMax });
    return context.json({ ...found, attemptLog }, 200);
  });
}

export function unknownEvent(id: string): Refusal {
  const detail = `There is no event ${id.slice(0, 64)} for a Server URL: GET /events/v1/deliveries lists those there are.`;
  return { refused: "not-found", detail };
}
