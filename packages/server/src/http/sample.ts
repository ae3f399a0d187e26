import { createRoute } from "@hono/zod-openapi";
import { answer, elseProblem, refusals, takesJson } from "./operation.ts";
import type { App, HttpParts } from "./parts.ts";
import { isRefusal, refuse } from "./problem.ts";
import { sampleBody } from "./sample-body.ts";
import { sampleWayOf } from "./sample-server.ts";
import { triedView } from "./tool-test.ts";

/** A sample event for a Server URL. */
export function addSample(app: App, { sendSample, assistants }: HttpParts): void {
  const { middleware, body } = takesJson(sampleBody);
  const route = createRoute({
    method: "post",
    path: "/events/v1/test",
    operationId: "send-sample-event",
    tags: ["events"],
    summary: "Send a sample event",
    description:
      "Sends one event of an invented call to a Server URL, once: to `url`, signed with `secret` if one is given; or, with `assistantId` alone, to the Server URL that this assistant has, with its kept secrets, headers, auth, format and tls. `assistantServer` beside it changes those for this once, as a PATCH would; masks stand for what is kept, and another `url` is refused, so that what is kept goes nowhere else. With the type `function-call` it sends a call of a tool `offhookCheck`, which no application has. Nothing is stored. Answers 200 whatever the Server URL does: with the request, the answer and the time it took in ms. Takes no longer than `timeoutSeconds`.",
    middleware,
    request: { body },
    responses: { 200: answer("What came of it.", triedView), ...elseProblem },
    ...refusals("invalid", "not-found", "forbidden-address"),
  });
  app.openapi(route, async (context) => {
    const given = context.req.valid("json");
    const way = await sampleWayOf(assistants.assistants, context.var.teamId, given);
    if (isRefusal(way)) return refuse(context, way);
    const sent = await sendSample({ type: given.type, ...way });
    return isRefusal(sent) ? refuse(context, sent) : context.json(sent, 200);
  });
}
