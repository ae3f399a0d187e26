import { jsonObject } from "@offhook/protocol";
import { asyncApi } from "./async-api.ts";
import { captureFixtures } from "./fixtures.ts";
import { messagesPage, objectsPage } from "./pages.ts";
import { openRunningServer } from "./running-server.ts";
import { schemaFiles } from "./schemas.ts";

/** Where everything is that is written; nothing else stands there. */
export const folders = ["docs/reference"] as const;

/** The same fixtures, inside the receiver's test kit. */
const kitFixtures = "packages/server-url/src/testing/fixtures.json";

/** Every document that is written from the schemas and from a running server: its path in the checkout, and its text. */
export async function documents(): Promise<ReadonlyMap<string, string>> {
  const server = await openRunningServer();
  try {
    const openApi = await server.ask("GET", "/openapi.json");
    const fixtures = await captureFixtures(server);
    const summaries = summariesOf(openApi);
    const { version } = jsonObject.parse(openApi["info"]);
    const written = new Map<string, string>([
      ["docs/reference/openapi.json", json(openApi)],
      ["docs/reference/asyncapi.json", json(asyncApi(String(version), summaries))],
      ["docs/reference/messages.md", messagesPage(fixtures, summaries)],
      ["docs/reference/objects.md", objectsPage()],
      [kitFixtures, json(fixtures)],
    ]);
    for (const [name, schema] of Object.entries(schemaFiles()))
      written.set(`docs/reference/schemas/${name}.json`, json(schema));
    for (const [format, bodies] of Object.entries(fixtures))
      for (const [type, body] of Object.entries(bodies))
        written.set(`docs/reference/fixtures/${format}/${type}.json`, json(body));
    return written;
  } finally {
    await server.close();
  }
}

/** What the server's own document says of each message. */
function summariesOf(openApi: Record<string, unknown>): Record<string, string> {
  const webhooks = Object.entries(jsonObject.parse(openApi["webhooks"]));
  return Object.fromEntries(
    webhooks.map(([type, webhook]) => {
      const post = jsonObject.parse(jsonObject.parse(webhook)["post"]);
      return [type, String(post["description"])];
    }),
  );
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
