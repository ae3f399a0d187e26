import { createRoute } from "@hono/zod-openapi";
import { jsonObject } from "@offhook/protocol";
import { documentOf } from "./openapi/document.ts";
import type { JsonSchema } from "./openapi/schemas.ts";
import { answer, elseProblem, open } from "./operation.ts";
import type { App, HttpParts } from "./parts.ts";

/** The description of the API; made when it is first asked for, when every operation is known. */
export function addOpenApi(app: App, { version, publicUrl }: HttpParts): void {
  let made: { url: string; document: JsonSchema } | undefined;
  const route = createRoute({
    method: "get",
    path: "/openapi.json",
    operationId: "openapi",
    tags: ["server"],
    summary: "This document",
    description: "OpenAPI 3.1, with the messages to Server URLs under `webhooks`. Open to all.",
    responses: { 200: answer("The document.", jsonObject), ...elseProblem },
    ...open,
  });
  app.openapi(route, (context) => {
    const url = publicUrl();
    if (made?.url !== url) made = { url, document: documentOf(app, { version, url }) };
    return context.json(made.document, 200);
  });
}
