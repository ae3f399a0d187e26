import { createRoute, z } from "@hono/zod-openapi";
import { control } from "@offhook/protocol";
import { callIdOf } from "./call-view.ts";
import { answer, elseProblem, idParam, refusals, takesJson } from "./operation.ts";
import type { App, HttpParts } from "./parts.ts";
import { refuse } from "./problem.ts";

/** What a control that was accepted is answered with. */
export const controlView = z.object({ message: z.string(), data: z.object({ success: z.literal(true) }) });

/** Steering a live call. */
export function addControl(app: App, { calls }: HttpParts): void {
  const { middleware, body } = takesJson(control);
  const route = createRoute({
    method: "post",
    path: "/calls/v1/conversations/{id}/control",
    operationId: "control-call",
    tags: ["calls"],
    summary: "Steer a live call",
    description:
      "`say` a message, `end`, `forward` to a number, press `dtmf` keys, `add-message` to the history, `mute` and `unmute`, bring in a `tool-result` that came late, or `update` prompt, tools or model from the next turn on. Answers 200 when it is on disk. 404 for an unknown call, 409 for one that is finished, 422 for a body that does not fit.",
    middleware,
    request: { params: idParam, body },
    responses: {
      200: answer("It is done, or will be at the call's next pause.", controlView),
      ...elseProblem,
    },
    ...refusals(
      "not-found",
      "call-finished",
      "call-ending",
      "taking-over",
      "outcome-unknown",
      "not-on-this-channel",
      "unknown-tool-call",
      "agenda-full",
      "invalid",
    ),
  });
  app.openapi(route, async (context) => {
    const callId = callIdOf(context.req.valid("param").id);
    if (typeof callId !== "string") return refuse(context, callId);
    const given = context.req.valid("json");
    const refusal = await calls.control({ teamId: context.var.teamId, callId, control: given });
    if (refusal !== undefined) return refuse(context, refusal);
    return context.json({ message: `${given.type} accepted`, data: { success: true as const } }, 200);
  });
}
