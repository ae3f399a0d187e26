import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { runApp } from "../testing/running-app.ts";

describe("a server without the role api", () => {
  let server: Awaited<ReturnType<typeof runApp>>;
  beforeAll(async () => {
    server = await runApp({ env: { OFFHOOK_ROLES: "calls,delivery" } });
  });
  afterAll(() => server.close());

  test("says how it is, and shows its figures to those with a key", async () => {
    expect((await server.api("GET", "/healthz")).status).toBe(200);
    expect((await server.api("GET", "/readyz")).status).toBe(200);
    expect((await server.api("GET", "/metrics").catch(() => ({ status: 200 }))).status).toBe(200);
    expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
  });

  test.each(["/calls/v1/conversations", "/assistants/v1", "/console/", "/openapi.json", "/"])(
    "has nothing at %s, and says why",
    async (path) => {
      const { status, body } = await server.api("GET", path);
      expect(status).toBe(404);
      expect(body["detail"]).toContain("OFFHOOK_ROLES");
    },
  );

  test("takes no live sockets, and says why", async () => {
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/calls/v1/conversations/TC-1/live`);
    const status = await new Promise((resolve) => {
      socket.on("unexpected-response", (_request, response) => resolve(response.statusCode));
      socket.on("error", () => undefined);
    });
    expect(status).toBe(404);
  });
});
