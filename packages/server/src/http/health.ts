import { createRoute, z } from "@hono/zod-openapi";
import { timedOut, within } from "../clock.ts";
import { answer, elseProblem, open, refusals } from "./operation.ts";
import type { App, HttpParts } from "./parts.ts";
import { refuse } from "./problem.ts";

/** How long the store may take to answer before the server is not ready. */
export const readyMaxMs = 2_000;

const healthView = z.object({ status: z.literal("ok"), version: z.string() });

/** Whether the process lives, and whether it can do its work. */
export function addHealth(app: App, { version, store, clock }: HttpParts): void {
  const health = createRoute({
    method: "get",
    path: "/healthz",
    operationId: "health",
    tags: ["server"],
    summary: "Whether the process lives",
    description: "Answers 200 as long as it can answer at all. Open to all.",
    responses: { 200: answer("It lives.", healthView), ...elseProblem },
    ...open,
  });
  app.openapi(health, (context) => context.json({ status: "ok" as const, version }, 200));
  const ready = createRoute({
    method: "get",
    path: "/readyz",
    operationId: "ready",
    tags: ["server"],
    summary: "Whether it can do its work",
    description: `Answers 200 when the store answers within ${readyMaxMs / 1_000} s, 503 when it does not. Open to all.`,
    responses: { 200: answer("It is ready.", healthView), ...elseProblem },
    ...open,
    ...refusals("store-unavailable"),
  });
  app.openapi(ready, async (context) => {
    if ((await within(clock, readyMaxMs, store.countKeys())) !== timedOut) {
      return context.json({ status: "ok" as const, version }, 200);
    }
    return refuse(context, {
      refused: "store-unavailable",
      detail: `The store did not answer within ${readyMaxMs} ms.`,
    });
  });
}
