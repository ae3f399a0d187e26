import { createRoute } from "@hono/zod-openapi";
import { rotatedSecret, rotateSecretBody } from "@offhook/protocol";
import type { Library } from "../assistants/library.ts";
import { rotateSecret, type ServerField } from "../assistants/rotate.ts";
import { answer, elseProblem, idParam, refusals, takesJson } from "./operation.ts";
import type { App, HttpParts } from "./parts.ts";
import { refuse } from "./problem.ts";

/** Rotation of the secrets of Server URLs and tools. */
export function addRotateSecret(app: App, parts: HttpParts): void {
  const { assistants, tools } = parts.assistants;
  addOne(app, parts, { one: "assistant", field: "assistantServer", library: assistants });
  addOne(app, parts, { one: "tool", field: "server", library: tools });
}

type Rotating<Body extends Record<string, unknown>> = {
  one: "assistant" | "tool";
  field: ServerField;
  library: Library<Body>;
};

function addOne<Body extends Record<string, unknown>>(
  app: App,
  { clock, random }: HttpParts,
  { one, field, library }: Rotating<Body>,
): void {
  const { middleware, body } = takesJson(rotateSecretBody);
  const route = createRoute({
    method: "post",
    path: `/assistants/v1/${one}s/{id}/server/rotate-secret`,
    operationId: `rotate-secret-of-${one}`,
    tags: [`${one}s`],
    summary: `Give the ${one}'s server a new secret`,
    description:
      "Makes a new secret, or takes the one given, and shows it this once. For `overlapHours` (24 unless said otherwise, at most 168) the one before signs too: `webhook-signature` holds both, the newest first, so that the application can change over without refusing anything. A shared header carries the new one at once. At most two are kept: rotating again within the overlap drops the oldest. A PATCH of `secret` replaces it without overlap.",
    middleware,
    request: { params: idParam, body },
    responses: { 200: answer("The new secret.", rotatedSecret), ...elseProblem },
    ...refusals("not-found", "invalid"),
  });
  app.openapi(route, async (context) => {
    const { id } = context.req.valid("param");
    const whom = { teamId: context.var.teamId, id };
    const given = context.req.valid("json");
    const rotated = await rotateSecret({ library, field, clock, random }, whom, given);
    if (rotated !== undefined)
      return "refused" in rotated ? refuse(context, rotated) : context.json(rotated, 200);
    const detail = `There is no ${one} ${id.slice(0, 64)}: GET /assistants/v1/${one}s lists those there are.`;
    return refuse(context, { refused: "not-found", detail });
  });
}
