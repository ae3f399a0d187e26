import { createRoute } from "@hono/zod-openapi";
import { answer, elseProblem, refusals, takesJson } from "./operation.ts";
import type { App, HttpParts } from "./parts.ts";
import { isRefusal, refuse } from "./problem.ts";
import { sampleBody } from "./sample-body.ts";
import { triedView } from "./tool-test.ts";

/** A sample event for a Server URL. */
export function addSample(app: App, { sendSample }: HttpParts): void {
  const { middleware, body } = takesJson(sampleBody);
  const route = createRoute({
    method: "post",
    path: "/events/v1/test",
    operationId: "send-sample-event",
    tags: ["events"],
    summary: "Send a sample event",
    description:
      "Sends one event of an invented call to a Server URL, once, signed with `secret` if one is given. With the type `function-call` it sends a call of a tool `offhookCheck`, which no application has. Nothing is stored. Answers 200 whatever the Server URL does: with the request, the answer and the time it took in ms. Takes no longer than `timeoutSeconds`.",
    middleware,
    request: { body },
    responses: { 200: answer("What came of it.", triedView), ...elseProblem },
    ...refusals("invalid", "forbidden-address"),
  });
  app.openapi(route, async (context) => {
    const sample = context.req.valid("json");
    const sent = await sendSample({ teamId: context.var.teamId, ...sample });
    return isRefusal(sent) ? refuse(context, sent) : context.json(sent, 200);
  });
}
