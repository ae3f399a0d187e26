import { createRoute, z } from "@hono/zod-openapi";
import { elseProblem, idParam, refusals } from "./operation.ts";
import type { App } from "./parts.ts";
import { refuse } from "./problem.ts";

const query = z.object({
  token: z.string().optional().describe("The token of the call's `liveUrl`, in place of a key."),
});

/** Says what is at a call's live address, to who asks without a WebSocket. */
export function addLiveNotice(app: App): void {
  const route = createRoute({
    method: "get",
    path: "/calls/v1/conversations/{id}/live",
    operationId: "watch-call",
    tags: ["calls"],
    summary: "Watch and speak in a live call (WebSocket)",
    description:
      "A WebSocket (RFC 6455), open to an API key or to the token in the call's `liveUrl`. The server sends `LiveUpdate`s as JSON texts: the status, all messages so far, then what happens, streamed text included (`delta`; pieces that follow each other quickly come as one); it closes with 1000 after `finished`. The client sends `LiveCommand`s of at most 16 KiB: `say` and `end`. A client that is too slow is closed with 1013 and may connect again.",
    request: { params: idParam, query },
    responses: { 101: { description: "The protocol is switched." }, ...elseProblem },
    ...refusals("not-found", "over-capacity"),
  });
  app.openapi(route, (context) => {
    const detail =
      "This is a WebSocket: connect to it with one, or read GET /calls/v1/conversations/{id}/events.";
    context.header("upgrade", "websocket");
    return refuse(context, { refused: "invalid", detail }, 426);
  });
}
