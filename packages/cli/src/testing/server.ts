import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, offhook } from "@offhook/client";
import { openApp, toConfig } from "@offhook/server";

export const testKey = "a-key-for-tests-only";

/** A real server in this process, with its store in a folder of its own. */
export type TestServer = {
  url: string;
  client: Client;
  folder: string;
  /** What a command needs to find it. */
  args: string[];
  close(): Promise<void>;
};

export async function testServer(env: Record<string, string> = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "offhook-cli-"));
  const app = await openApp(
    toConfig({
      OFFHOOK_PORT: "0",
      OFFHOOK_DATA: join(folder, "data"),
      OFFHOOK_API_KEY: testKey,
      OFFHOOK_EGRESS_ALLOW: "loopback",
      OFFHOOK_LOG_LEVEL: "silent",
      ...env,
    }),
  );
  const { url } = app;
  return {
    url,
    client: offhook({ url, apiKey: testKey }),
    folder,
    args: ["--url", url, "--key", testKey],
    async close() {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The value of an answer, or the test fails with its problem. */
export async function good<Value>(
  answer: Promise<{ ok: true; value: Value } | { ok: false; problem: unknown }>,
): Promise<Value> {
  const read = await answer;
  if (!read.ok) throw new Error(JSON.stringify(read.problem));
  return read.value;
}
