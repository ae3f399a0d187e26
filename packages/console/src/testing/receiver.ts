import { createServer, type Server } from "node:http";
import { serverUrl, tool } from "@offhook/server-url";
import { z } from "zod";

export const secret = "a-secret-for-tests";

/** An application with a Server URL that can be broken and mended. */
export type Receiver = { url: string; breakDown(): void; mend(): void; close(): Promise<void> };

export async function openReceiver(): Promise<Receiver> {
  let isBroken = false;
  const app = serverUrl({ secret, tools: { findSlots: findSlots() }, on: {} });
  const server = createServer((request, response) => {
    if (!isBroken) return app.node(request, response);
    request.resume();
    response
      .writeHead(410, { "content-type": "application/json" })
      .end('{"error":"the application has moved"}');
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}/offhook`,
    breakDown: () => (isBroken = true),
    mend: () => (isBroken = false),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function findSlots() {
  return tool({
    description: "Finds the free appointments on a day.",
    parameters: z.object({ day: z.string().describe("A weekday, or a date") }),
    run: ({ day }) => ({ day, slots: [{ time: "9:30" }, { time: "14:00" }] }),
  });
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}
