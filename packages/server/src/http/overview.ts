import { createRoute } from "@hono/zod-openapi";
import { overview, overviewQuery } from "@offhook/protocol";
import { answer, elseProblem, refusals } from "./operation.ts";
import { overviewOf } from "./overview-figures.ts";
import type { App, HttpParts } from "./parts.ts";

/** Of entries and of attempts, so many of the latest are looked at, so that it takes no longer in a large store. */
const rowsMax = 4_000;
const minuteMs = 60_000;

/** How the last minutes went. */
export function addOverview(app: App, { store, clock }: HttpParts): void {
  const route = createRoute({
    method: "get",
    path: "/events/v1/overview",
    operationId: "overview",
    tags: ["events"],
    summary: "How the calls of the last minutes go",
    description: `Calls that are live, turns, hangs and errors over time, how long each stage took (p50, p90, p99), what became of the attempts at Server URLs, by receiver too, and what still waits. Looked at are the latest ${rowsMax.toLocaleString("en")} entries and attempts; \`since\` says from when on that is everything. Times are epoch ms.`,
    request: { query: overviewQuery.strict() },
    responses: { 200: answer("The figures.", overview), ...elseProblem },
    ...refusals("invalid"),
  });
  app.openapi(route, async (context) => {
    const { minutes } = context.req.valid("query");
    const to = clock.now();
    const from = to - minutes * minuteMs;
    const activity = await store.activity({ teamId: context.var.teamId, from, rowsMax });
    return context.json(overviewOf(activity, { from, to }), 200);
  });
}
