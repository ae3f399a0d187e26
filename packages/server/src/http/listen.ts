import { createRoute, z } from "@hono/zod-openapi";
import { listenerAnswer, type Refusal } from "@offhook/protocol";
import { listeningLimits } from "../listening/limits.ts";
import { ahead } from "./events.ts";
import type { EventStreams } from "./event-stream.ts";
import { journalOfTeam } from "../calls/journal-tail.ts";
import { elseProblem, idParam, refusals, takesJson } from "./operation.ts";
import type { App, HttpParts } from "./parts.ts";
import { isRefusal, refuse } from "./problem.ts";

const tags = ["listening"];
const cursor = z.coerce.number().int().min(0);

const query = z.strictObject({
  after: cursor.default(0).describe("The cursor of the last event that is known; 0 for all."),
  assistants: z
    .string()
    .min(1)
    .max(8_192)
    .refine((text) => text === "all" || text.split(",").length <= listeningLimits.assistantsMax, {
      message: `at most ${listeningLimits.assistantsMax} assistants`,
    })
    .describe("Whose tool calls are taken: ids of assistants with commas between them, or `all`."),
});

const headers = z.object({
  "last-event-id": cursor.optional().describe("As `after`, over which it wins."),
});

/** Listening: events and tool calls over one connection that the application opens. */
export function addListen(app: App, parts: HttpParts, streams: EventStreams): void {
  addStream(app, parts, streams);
  addAnswer(app, parts);
}

function addStream(app: App, parts: HttpParts, streams: EventStreams): void {
  const route = createRoute({
    method: "get",
    path: "/events/v1/listen",
    operationId: "listen",
    tags,
    summary: "Listen to events, and take tool calls",
    description: `The stream of \`/events/v1/events\`, and in it \`event: tool-call\` for the tool calls of the assistants named, which come here instead of to their Server URL for as long as the stream is open. Each must be taken within ${listeningLimits.takeMaxMs / 1_000} s and answered within its \`timeoutMs\`: see \`answer-tool-call\`. One that is not taken goes to the Server URL, and the stream is ended. The newest of several listeners takes them, whichever servers they are at. Events go to the Server URL all the same. Tools with a server of their own are asked there.`,
    request: { query, headers },
    responses: {
      200: { description: "The stream.", content: { "text/event-stream": { schema: z.string() } } },
      ...elseProblem,
    },
    ...refusals("invalid", "over-capacity"),
  });
  app.openapi(route, async (context) => {
    const { after, assistants } = context.req.valid("query");
    const from = context.req.valid("header")["last-event-id"] ?? after;
    if (from > 0 && from > (await parts.store.lastPosition())) return refuse(context, ahead);
    const { teamId } = context.var;
    const listened = assistants === "all" ? assistants : assistants.split(",");
    const stream = streams.open(journalOfTeam(parts, teamId), from, () =>
      parts.listeners.attach(teamId, listened),
    );
    if (isRefusal(stream)) return refuse(context, stream);
    return context.body(stream, 200, { "Content-Type": "text/event-stream", "cache-control": "no-store" });
  });
}

function addAnswer(app: App, { listeners }: HttpParts): void {
  const { middleware, body } = takesJson(listenerAnswer);
  const route = createRoute({
    method: "post",
    path: "/events/v1/listen/{id}",
    operationId: "answer-tool-call",
    tags,
    summary: "Take a tool call, and answer it",
    description:
      "`{type: taken}` as soon as it has come; then `{type: answered, status, headers, body}` with what the application answered, which is understood as a Server URL's answer is, or `{type: failed, detail}` when it did not answer. 404 when nobody waits for it any more; 504 when a server that may wait for it was not reached: send it again.",
    middleware,
    request: { params: idParam, body },
    responses: { 204: { description: "It was heard." }, ...elseProblem },
    ...refusals("not-found", "invalid", "outcome-unknown"),
  });
  app.openapi(route, async (context) => {
    const { id } = context.req.valid("param");
    const heard = await listeners.answer(context.var.teamId, id, context.req.valid("json"));
    if (heard === "heard") return context.body(null, 204);
    return refuse(context, heard === "unknown" ? perhapsHeard(id) : nobodyWaits(id));
  });
}

function nobodyWaits(id: string): Refusal {
  const detail = `Nobody waits for an answer to the tool call ${id.slice(0, 64)}: it was answered, or its time is over.`;
  return { refused: "not-found", detail };
}

function perhapsHeard(id: string): Refusal {
  const detail = `A server that may wait for an answer to the tool call ${id.slice(0, 64)} was not reached: send it again, it counts once.`;
  return { refused: "outcome-unknown", detail };
}
