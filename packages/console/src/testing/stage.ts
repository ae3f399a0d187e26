import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, offhook } from "@offhook/client";
import { openApp, toConfig } from "@offhook/server";
import { apiKey } from "./browser.ts";
import { openReceiver, type Receiver } from "./receiver.ts";
import { reception } from "./reception.ts";

/** A server with the page, an application behind its Server URL, and an assistant. */
export type Stage = {
  url: string;
  signInUrl: string;
  client: Client;
  receiver: Receiver;
  assistantId: string;
  /** Has a call talked through, and answers with its id. */
  talk(lines: readonly string[]): Promise<string>;
  close(): Promise<void>;
};

/** `settings` are further variables of the server's environment. */
export async function openStage(settings: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "offhook-page-"));
  const receiver = await openReceiver();
  const app = await openApp(
    toConfig({
      OFFHOOK_PORT: "0",
      OFFHOOK_DATA: folder,
      OFFHOOK_API_KEY: apiKey,
      OFFHOOK_EGRESS_ALLOW: "loopback",
      OFFHOOK_LOG_LEVEL: "silent",
      OFFHOOK_STOP_SECONDS: "2",
      ...settings,
    }),
  );
  if (app.signInUrl === null) throw new Error("the page is not built: run `npm run build`");
  const client = offhook({ url: app.url, apiKey });
  const made = await client.assistants.create(reception(receiver.url));
  if (!made.ok) throw new Error(made.problem.detail);
  const assistantId = made.value._id;
  return {
    url: app.url,
    signInUrl: app.signInUrl,
    client,
    receiver,
    assistantId,
    talk: (lines) => talk(client, assistantId, lines),
    async close() {
      await app.close();
      await receiver.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function talk(client: Client, assistantId: string, lines: readonly string[]): Promise<string> {
  const call = await client.calls.connect({
    assistantId,
    callType: "chat",
    customer: { number: "+44 20 7946 0958", name: "Ada Byron" },
    assistantOverrides: { dynamicVariables: { caller: "Ada" } },
  });
  if (!call.ok) throw new Error(call.problem.detail);
  for (const line of lines) {
    const said = await client.calls.say(call.value.id, line, { wait: true });
    if (!said.ok) throw new Error(said.problem.detail);
  }
  return call.value.id;
}
