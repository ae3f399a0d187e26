import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { jsonObject } from "@offhook/protocol";
import { openApp, toConfig } from "@offhook/server";

const apiKey = "only-for-the-reference-documents";

/** A server of this checkout, in a folder of its own, and a Server URL that keeps what it is sent. */
export type RunningServer = {
  /** Asks the API; gives the JSON of its answer. */
  ask(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** Where the Server URL is. */
  serverUrl: string;
  /** The bodies that came to the Server URL since it was last asked. */
  received(): string[];
  close(): Promise<void>;
};

/** What the documents say of where the server is. */
const publicUrl = "http://127.0.0.1:4600";

export async function openRunningServer(): Promise<RunningServer> {
  const folder = mkdtempSync(join(tmpdir(), "offhook-reference-"));
  const listener = await listen();
  const app = await openApp(
    toConfig({
      OFFHOOK_PORT: "0",
      OFFHOOK_DATA: folder,
      OFFHOOK_API_KEY: apiKey,
      OFFHOOK_PUBLIC_URL: publicUrl,
      OFFHOOK_EGRESS_ALLOW: "loopback",
      OFFHOOK_LOG_LEVEL: "silent",
    }),
  );
  return {
    serverUrl: listener.url,
    received: listener.received,
    async ask(method, path, body) {
      const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
      const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
      const answer = await fetch(`${app.url}${path}`, init);
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      return jsonObject.parse(await answer.json());
    },
    async close() {
      await app.close();
      listener.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listen(): Promise<{ url: string; received: () => string[]; close: () => void }> {
  const bodies: string[] = [];
  const keep = async (request: IncomingMessage): Promise<void> => void bodies.push(await text(request));
  const server = createServer((request, response) => {
    void keep(request).then(() => response.end("{}"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/offhook`,
    received: () => bodies.splice(0),
    close: () => void server.close(),
  };
}
