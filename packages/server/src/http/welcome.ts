import { createRoute, z } from "@hono/zod-openapi";
import { answer, elseProblem, open } from "./operation.ts";
import type { App, HttpParts } from "./parts.ts";

const welcomeView = z.object({
  name: z.string(),
  version: z.string(),
  what: z.string(),
  key: z.string(),
  links: z.record(z.string(), z.string()),
});

/** What this is, for who looks at it in a browser. */
export function addWelcome(app: App, { version, publicUrl }: HttpParts): void {
  const route = createRoute({
    method: "get",
    path: "/",
    operationId: "welcome",
    tags: ["server"],
    summary: "What this is, and where things are",
    description: "Open to all.",
    responses: { 200: answer("Where things are.", welcomeView), ...elseProblem },
    ...open,
  });
  app.openapi(route, (context) => {
    const base = publicUrl();
    return context.json(
      {
        name: "Offhook",
        version,
        what: "A call server for AI conversations: assistants answer, your Server URL is told of everything.",
        key: "Send your API key with every request: `Authorization: Bearer <key>`.",
        links: {
          documentation: `${base}/openapi.json`,
          assistants: `${base}/assistants/v1/assistants`,
          calls: `${base}/calls/v1/conversations`,
          events: `${base}/events/v1/events`,
          health: `${base}/healthz`,
        },
      },
      200,
    );
  });
}
