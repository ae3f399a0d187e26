import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { createRoute, z } from "@hono/zod-openapi";
import { Hono } from "hono";
import { elseProblem } from "./operation.ts";
import type { App, HttpParts } from "./parts.ts";

const description =
  "Counters, timings and gauges in Prometheus' text format. With an API key here, or without one on a port of its own (`OFFHOOK_METRICS_PORT`).";

/** The server's figures, for those who have a key. */
export function addMetrics(app: App, { metrics }: HttpParts): void {
  const route = createRoute({
    method: "get",
    path: "/metrics",
    operationId: "metrics",
    tags: ["server"],
    summary: "Figures for Prometheus",
    description,
    responses: {
      200: { description: "The figures.", content: { "text/plain": { schema: z.string() } } },
      ...elseProblem,
    },
  });
  app.openapi(route, async (context) =>
    context.text(await metrics.text(), 200, { "Content-Type": metrics.contentType }),
  );
}

/** The server's figures on a port of their own, for a scraper on a network that the operator chose; fails when it cannot listen. */
export async function openMetricsPort(
  metrics: HttpParts["metrics"],
  { host, port }: { host: string; port: number },
): Promise<{ port: number; close: () => Promise<void> }> {
  const app = new Hono();
  app.get("/metrics", async (context) =>
    context.body(await metrics.text(), 200, { "content-type": metrics.contentType }),
  );
  const listener = getRequestListener(app.fetch);
  const server = createServer((request, response) => void listener(request, response));
  server.requestTimeout = requestMaxMs;
  server.maxConnections = connectionsMax;
  return { port: await listen(server, { host, port }), close: () => close(server) };
}

const requestMaxMs = 10_000;
const connectionsMax = 100;

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const what = `Cannot listen on ${host}:${port} for metrics: ${error.message}. Check OFFHOOK_METRICS_PORT.`;
      reject(new Error(what, { cause: error }));
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
