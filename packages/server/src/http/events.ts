import { createRoute, z } from "@hono/zod-openapi";
import { eventView as eventShape, type Refusal } from "@offhook/protocol";
import type { Context } from "hono";
import { type Journal, journalOfCall, journalOfTeam } from "../calls/journal-tail.ts";
import { callIdOf, unknownCall } from "./call-view.ts";
import { type EventStreams, streamLimits } from "./event-stream.ts";
import { eventView } from "./event-view.ts";
import { elseProblem, idParam, refusals } from "./operation.ts";
import type { App, HttpParts } from "./parts.ts";
import { isRefusal, refusalAt, refuse } from "./problem.ts";

const cursor = z.coerce.number().int().min(0);

/** Where a list of events goes on, and how long a page of it may be. */
const query = z.strictObject({
  after: cursor.default(0).describe("The cursor of the last event that is known; 0 for all."),
  limit: z.coerce.number().int().min(1).max(500).default(100).describe("Of a page; a stream has none."),
});
type Query = z.infer<typeof query>;

const headers = z.object({
  "last-event-id": cursor.optional().describe("In a stream, as `after`, over which it wins."),
});

/** Events in order. */
export const eventsView = z.object({
  data: z.array(eventShape),
  next: z.number().int().describe("What `after` takes to go on from here."),
  more: z.boolean().describe("Whether there are more already."),
});

const streaming = `With \`accept: text/event-stream\` it streams what is there after the cursor, then what comes: an event's \`id\` is its cursor, its data one of the same events, and \`Last-Event-ID\` goes on without a gap or a repetition. A comment comes after ${streamLimits.heartbeatMs / 1_000} s without an event. A reader that takes nothing for ${streamLimits.stalledMs / 1_000} s is cut with \`event: error\`, whose data says how to go on.`;

const responses = {
  200: {
    description: "The events.",
    content: { "application/json": { schema: eventsView }, "text/event-stream": { schema: z.string() } },
  },
  ...elseProblem,
};

/** Everything that happened: in one call, and in all calls of a team. */
export function addEvents(app: App, parts: HttpParts, streams: EventStreams): void {
  addEventsOfCall(app, parts, streams);
  addEventsOfTeam(app, parts, streams);
}

function addEventsOfCall(app: App, parts: HttpParts, streams: EventStreams): void {
  const route = createRoute({
    method: "get",
    path: "/calls/v1/conversations/{id}/events",
    operationId: "list-events-of-call",
    tags: ["events"],
    summary: "Everything that happened in a call",
    description: `The call's journal in order, also what its Server URL is not told. A cursor is the event's \`seq\`; \`at\` is in epoch ms. ${streaming}`,
    request: { params: idParam, query, headers },
    responses,
    ...refusals("not-found", "invalid", "over-capacity"),
  });
  app.openapi(route, async (context) => {
    const { id } = context.req.valid("param");
    const callId = callIdOf(id);
    if (typeof callId !== "string") return refuse(context, callId);
    const whom = { teamId: context.var.teamId, callId };
    if ((await parts.store.findCall(whom)) === undefined) return refuse(context, unknownCall(id));
    const asked = {
      ...context.req.valid("query"),
      lastEventId: context.req.valid("header")["last-event-id"],
    };
    return give(context, { journal: journalOfCall(parts, whom), streams, asked });
  });
}

function addEventsOfTeam(app: App, parts: HttpParts, streams: EventStreams): void {
  const route = createRoute({
    method: "get",
    path: "/events/v1/events",
    operationId: "list-events",
    tags: ["events"],
    summary: "Everything that happened in all calls",
    description: `What happened in the team's calls, in the order in which it was written. A cursor is good for this list only; \`at\` is in epoch ms. ${streaming}`,
    request: { query, headers },
    responses,
    ...refusals("invalid", "over-capacity"),
  });
  app.openapi(route, async (context) => {
    const asked = {
      ...context.req.valid("query"),
      lastEventId: context.req.valid("header")["last-event-id"],
    };
    const after = asked.lastEventId ?? asked.after;
    if (after > 0 && after > (await parts.store.lastPosition())) return refuse(context, ahead);
    return give(context, { journal: journalOfTeam(parts, context.var.teamId), streams, asked });
  });
}

/** Nothing would ever come after such a cursor, or something would be passed over. */
export const ahead: Refusal = refusalAt(
  "/after",
  "this cursor is ahead of the store, which was put back from a backup or begun anew: begin again with 0",
);

type Wanted = { journal: Journal; streams: EventStreams; asked: Query & { lastEventId: number | undefined } };

async function give(context: Context, { journal, streams, asked }: Wanted) {
  if (!wantsStream(context)) return context.json(await page(journal, asked), 200);
  const stream = streams.open(journal, asked.lastEventId ?? asked.after);
  if (isRefusal(stream)) return refuse(context, stream);
  return context.body(stream, 200, { "Content-Type": "text/event-stream", "cache-control": "no-store" });
}

function wantsStream(context: Context): boolean {
  return context.req.method === "GET" && /\btext\/event-stream\b/iu.test(context.req.header("accept") ?? "");
}

async function page(journal: Journal, { after, limit }: Query): Promise<z.infer<typeof eventsView>> {
  const entries = await journal.read(after, limit + 1);
  const data = entries.slice(0, limit).map((entry) => eventView(entry, journal.cursorOf(entry)));
  return { data, next: data.at(-1)?.cursor ?? after, more: entries.length > limit };
}
