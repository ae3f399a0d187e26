import { OpenAPIHono } from "@hono/zod-openapi";
import type { Refusal } from "@offhook/protocol";
import { requireKey } from "./auth.ts";
import { answerFaults } from "./faults.ts";
import { addHealth } from "./health.ts";
import { addMetrics } from "./metrics.ts";
import type { App, Env, HttpParts } from "./parts.ts";
import { refuse } from "./problem.ts";
import { refuseFaults } from "./validation.ts";

export const noApi: Refusal = {
  refused: "not-found",
  detail: "This server has not the role `api` (OFFHOOK_ROLES): ask one that has it.",
};

/** What a server answers that has not the role `api`: how it is, and its figures. */
export function openWithoutApi(parts: HttpParts): App {
  const app: App = new OpenAPIHono<Env>({ defaultHook: refuseFaults });
  app.onError(answerFaults(parts.log));
  addHealth(app, parts);
  app.use("/metrics", requireKey(parts));
  addMetrics(app, parts);
  app.notFound((context) => refuse(context, noApi));
  return app;
}
