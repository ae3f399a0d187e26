import { createRoute, z } from "@hono/zod-openapi";
import {
  attempt,
  callId,
  type CallId,
  delivery,
  deliveryStates,
  page,
  pageOf,
  parseEventId,
  type Refusal,
  type TeamId,
} from "@offhook/protocol";
import type { DeliveriesFilter, Store } from "../store.ts";
import { callIdOf, unknownCall } from "./call-view.ts";
import { answer, elseProblem, idParam, refusals } from "./operation.ts";
import type { App, HttpParts } from "./parts.ts";
import { refuse } from "./problem.ts";

const tags = ["deliveries"];

/** Of one event, so many attempts are shown. */
const attemptsMax = 100;
/** Dead letters of a call that are read at a time. */
const lettersPage = 200;

const query = z.strictObject({ ...page, state: z.enum(deliveryStates).optional() });

/** An event on its way, with the attempts that were made. */
export const deliveryView = delivery.extend({
  attemptLog: z
    .array(attempt)
    .describe("The attempts, oldest first, with request, answer and times; secrets are masked."),
});

/** What is sent again. */
export const sentAgainView = z.object({
  accepted: z.literal(true),
  events: z.array(z.string()).describe("Ids of the events that are sent again, in order."),
});

/** What became of the events for Server URLs. */
export function addDeliveries(app: App, parts: HttpParts): void {
  addListOfCall(app, parts);
  addListOfTeam(app, parts);
  addFind(app, parts);
  addSendAgain(app, parts);
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
    return context.json(await list(store, { teamId, callId: of }, context.req.valid("query")), 200);
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
      "The events for the team's Server URLs, the newest first, a page at a time. `state=dead` lists the dead letters: what was given up, with its reason.",
    request: { query },
    responses: { 200: answer("A page of deliveries.", pageOf(delivery)), ...elseProblem },
    ...refusals("invalid"),
  });
  app.openapi(route, async (context) => {
    const { teamId } = context.var;
    return context.json(await list(store, { teamId }, context.req.valid("query")), 200);
  });
}

async function list(
  store: Store,
  whose: Pick<DeliveriesFilter, "teamId" | "callId">,
  { page: number, size, state }: z.infer<typeof query>,
) {
  const place = { offset: (number - 1) * size, limit: size };
  const { deliveries, totalCount } = await store.listDeliveries({
    ...whose,
    ...(state === undefined ? {} : { state }),
    ...place,
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

function addSendAgain(app: App, { store, clock, wakeDelivery }: HttpParts): void {
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
    if ("refused" in letters) return refuse(context, letters);
    const { sequences, events } = letters;
    if (sequences.length > 0) {
      await store.sendAgain({ callId: letters.callId, sequences, now: clock.now() });
      wakeDelivery();
    }
    return context.json({ accepted: true as const, events }, 202);
  });
}

type Letters = { callId: CallId; sequences: number[]; events: string[] };

/** What is to be sent again: one event, or the dead letters of a call. */
async function lettersOf(store: Store, teamId: TeamId, id: string): Promise<Letters | Refusal> {
  const call = callId.safeParse(id);
  if (call.success) return deadLettersOf(store, teamId, call.data);
  const event = parseEventId(id);
  const found = event && (await store.findDelivery({ teamId, ...event }));
  if (event === undefined || found === undefined) return unknownEvent(id);
  return { callId: event.callId, sequences: [event.sequence], events: [found.id] };
}

async function deadLettersOf(store: Store, teamId: TeamId, of: CallId): Promise<Letters | Refusal> {
  if ((await store.findCall({ teamId, callId: of })) === undefined) return unknownCall(of);
  const letters: Letters = { callId: of, sequences: [], events: [] };
  for (;;) {
    const offset = letters.events.length;
    const { deliveries } = await store.listDeliveries({
      teamId,
      callId: of,
      state: "dead",
      offset,
      limit: lettersPage,
    });
    for (const { id, sequence } of deliveries) {
      letters.sequences.push(sequence);
      letters.events.push(id);
    }
    if (deliveries.length < lettersPage) return letters;
  }
}

function unknownEvent(id: string): Refusal {
  const detail = `There is no event ${id.slice(0, 64)} for a Server URL: GET /events/v1/deliveries lists those there are.`;
  return { refused: "not-found", detail };
}
