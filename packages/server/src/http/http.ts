import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { addApiKeys } from "./api-keys.ts";
import { addAssistants } from "./assistants.ts";
import { requireKey } from "./auth.ts";
import { addCalls } from "./calls.ts";
import { addControl } from "./control.ts";
import { addDeliveries } from "./deliveries.ts";
import { addEvents } from "./events.ts";
import { EventStreams } from "./event-stream.ts";
import { answerFaults } from "./faults.ts";
import { addHealth } from "./health.ts";
import { addListen } from "./listen.ts";
import { addLiveNotice } from "./live-notice.ts";
import { addMessages } from "./messages.ts";
import { addMetrics } from "./metrics.ts";
import { addOverview } from "./overview.ts";
import { addPage } from "./page.ts";
import { refuseRest } from "./nowhere.ts";
import { addOpenApi } from "./openapi.ts";
import type { App, Env, HttpParts } from "./parts.ts";
import { addRedeliver } from "./redeliver.ts";
import { addRotateSecret } from "./rotate-secret.ts";
import { addSample } from "./sample.ts";
import { addSession } from "./session.ts";
import { addToolTest } from "./tool-test.ts";
import { refuseFaults } from "./validation.ts";
import { addWelcome } from "./welcome.ts";

/** The HTTP API (contract 7), from request to answer; it listens nowhere by itself. */
export function openHttp(parts: HttpParts): App {
  const app: App = new OpenAPIHono<Env>({ defaultHook: refuseFaults });
  app.onError(answerFaults(parts.log));
  app.use(note(parts), secure);
  addWelcome(app, parts);
  addHealth(app, parts);
  addOpenApi(app, parts);
  addSession(app, parts);
  addPage(app, parts);
  app.use(requireKey(parts));
  addMetrics(app, parts);
  addAssistants(app, parts);
  addRotateSecret(app, parts);
  addToolTest(app, parts);
  addCalls(app, parts);
  addControl(app, parts);
  addMessages(app, parts);
  addLiveNotice(app);
  const streams = new EventStreams(parts);
  addEvents(app, parts, streams);
  addListen(app, parts, streams);
  addDeliveries(app, parts);
  addRedeliver(app, parts);
  addOverview(app, parts);
  addSample(app, parts);
  addApiKeys(app, parts);
  app.notFound(refuseRest(app));
  return app;
}

/** Headers of every answer that says nothing else. */
const headers = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

const secure: MiddlewareHandler<Env> = async (context, next) => {
  await next();
  for (const [name, value] of Object.entries(headers)) {
    if (!context.res.headers.has(name)) context.res.headers.set(name, value);
  }
};

function note({ clock, log, telemetry }: HttpParts): MiddlewareHandler<Env> {
  return async (context, next) => {
    const begunAt = clock.now();
    await next();
    const { method, path } = context.req;
    const { status } = context.res;
    const elapsedMs = clock.now() - begunAt;
    log.debug("request answered", { method, path, status, elapsedMs });
    telemetry.answered({
      method: methods.has(method) ? method : "other",
      route: routeOf(context),
      status,
      elapsedMs,
    });
  };
}

/** Methods by name; whoever makes one up is counted among the others. */
const methods = new Set(["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"]);

/** The pattern that a request was answered by, so that ids make no figures of their own. */
function routeOf(context: Context): string {
  return routePath(context, -1);
}
