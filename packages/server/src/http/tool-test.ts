import { createRoute, z } from "@hono/zod-openapi";
import { answer, elseProblem, idParam, refusals, takesJson } from "./operation.ts";
import type { App, HttpParts } from "./parts.ts";
import { isRefusal, refuse } from "./problem.ts";

/** `POST /assistants/v1/tools/{id}/test`. */
export const toolTestBody = z.object({
  /** As the model would give them. */
  arguments: z.record(z.string(), z.json()).default({}),
});

/** What came of something that was tried: request, answer, and how it was understood. */
export const triedView = z
  .record(z.string(), z.json())
  .describe("The request as it was sent (secrets masked), the answer as it came, and how it was understood.");

/** Trying a tool out. */
export function addToolTest(app: App, { testTool }: HttpParts): void {
  const { middleware, body } = takesJson(toolTestBody);
  const route = createRoute({
    method: "post",
    path: "/assistants/v1/tools/{id}/test",
    operationId: "test-tool",
    tags: ["tools"],
    summary: "Try a tool out",
    description:
      "Really calls the tool's server, as a call would, with the arguments given (an object; none by default). Answers 200 whatever the server does: with the request, the answer, how it was understood, and the time it took in ms. Takes no longer than the tool's own timeout.",
    middleware,
    request: { params: idParam, body },
    responses: { 200: answer("What came of it.", triedView), ...elseProblem },
    ...refusals("not-found", "invalid", "forbidden-address"),
  });
  app.openapi(route, async (context) => {
    const { id } = context.req.valid("param");
    const { arguments: given } = context.req.valid("json");
    const tried = await testTool({ teamId: context.var.teamId, toolId: id, arguments: given });
    if (tried !== undefined) return isRefusal(tried) ? refuse(context, tried) : context.json(tried, 200);
    const detail = `There is no tool ${id.slice(0, 64)}: GET /assistants/v1/tools lists those there are.`;
    return refuse(context, { refused: "not-found", detail });
  });
}
