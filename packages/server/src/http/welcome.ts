import { createRoute, z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { pagePath } from "../page/page-files.ts";
import { answer, elseProblem, open } from "./operation.ts";
import type { App, Env, HttpParts } from "./parts.ts";

const welcomeView = z.object({
  name: z.string(),
  version: z.string(),
  what: z.string(),
  key: z.string(),
  links: z.record(z.string(), z.string()),
});

/** What this is, for who looks at it in a browser. */
export function addWelcome(app: App, { version, publicUrl, page }: HttpParts): void {
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
  app.use("/", toPage(page.files.isBuilt));
  app.openapi(route, (context) => {
    const base = publicUrl();
    const pageLink: Record<string, string> = page.files.isBuilt ? { page: `${base}${pagePath}/` } : {};
    return context.json(
      {
        name: "Offhook",
        version,
        what: "A call server for AI conversations: assistants answer, your Server URL is told of everything.",
        key: "Send your API key with every request: `Authorization: Bearer <key>`.",
        links: {
          ...pageLink,
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

/** A browser that comes here wants the page. */
function toPage(isBuilt: boolean): MiddlewareHandler<Env> {
  return async (context, next) => {
    const wantsPage = /\btext\/html\b/u.test(context.req.header("accept") ?? "");
    return isBuilt && wantsPage ? context.redirect(`${pagePath}/`, 302) : next();
  };
}
