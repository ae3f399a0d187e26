import { liveCommand, liveUpdate } from "@offhook/protocol";
import type { App } from "../parts.ts";
import { operationOf } from "./operation.ts";
import { type JsonSchema, Schemas } from "./schemas.ts";
import { webhooksOf } from "./webhooks.ts";

export type About = { version: string; url: string };

const tags = [
  { name: "assistants", description: "Who answers." },
  { name: "tools", description: "What an assistant may do." },
  { name: "numbers", description: "Which number an assistant answers." },
  { name: "calls", description: "Calls: made, steered, watched." },
  { name: "events", description: "What happened." },
  { name: "deliveries", description: "What became of the events for Server URLs." },
  { name: "keys", description: "Who is let in." },
  { name: "server-url", description: "What the server sends to an application." },
  { name: "server", description: "The server itself." },
];

/** The API as OpenAPI 3.1 describes it: every operation of the app, and what is sent to Server URLs. */
export function documentOf(app: App, { version, url }: About): JsonSchema {
  const schemas = new Schemas();
  const paths: Record<string, JsonSchema> = {};
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== "route") continue;
    const { path, method } = definition.route;
    paths[path] = { ...paths[path], [method]: operationOf(definition.route, schemas) };
  }
  const webhooks = webhooksOf(schemas);
  schemas.of(liveCommand, "input");
  schemas.of(liveUpdate, "output");
  return {
    openapi: "3.1.0",
    info: { title: "Offhook", version, description: about, license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url }],
    security: [{ key: [] }],
    tags,
    paths,
    webhooks,
    components: {
      schemas: schemas.components,
      securitySchemes: { key: { type: "http", scheme: "bearer", description: "An API key, `ohk_…`." } },
    },
  };
}

const about =
  "The HTTP API of an Offhook call server, and under `webhooks` what it sends to an application's Server URL. Errors are `application/problem+json` (RFC 9457): `code` is their name, `detail` says what to do, `errors` names every fault by its path. Bodies are JSON in UTF-8 of at most 1 MiB. Lists count pages from 1.";
