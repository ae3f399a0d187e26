import { type CallId, callId as callIdSchema, type LiveUpdate } from "@offhook/protocol";
import { expect } from "vitest";
import { apiOf, textAt } from "../../http/testing/api.ts";
import { spoken } from "../../http/testing/fake-calls.ts";
import { openServer, smallAssistant, type TestServer } from "../../http/testing/open-server.ts";
import { virtualClock, type VirtualClock } from "../../testing/virtual-clock.ts";
import { type LiveClient, openClient, type Refusal } from "./live-client.ts";

/** A server with one live call, and clients that are let go in the end. */
export type LiveHouse = {
  server: TestServer;
  clock: VirtualClock;
  callId: CallId;
  liveUrl: string;
  clients: LiveClient[];
  /** Opens a live socket, which must be let in. */
  open(url?: string, headers?: Record<string, string>): Promise<LiveClient>;
  close(): Promise<void>;
};

export async function openLiveHouse(): Promise<LiveHouse> {
  const clock = virtualClock();
  const server = await openServer({ clock });
  const json = { assistant: smallAssistant };
  const { body } = await apiOf(server)("POST", "/calls/v1/conversations/connect", { json });
  const { liveUrl } = body["monitor"] as { liveUrl: string };
  const clients: LiveClient[] = [];
  return {
    server,
    clock,
    callId: callIdSchema.parse(textAt(body, "id")),
    liveUrl,
    clients,
    async open(url = liveUrl, headers = {}) {
      const client = await openClient(url, headers);
      if ("status" in client)
        throw new Error(`refused with ${client.status}: ${JSON.stringify(client.body)}`);
      clients.push(client);
      return client;
    },
    async close() {
      for (const { socket } of clients.splice(0)) socket.terminate();
      await server.close();
    },
  };
}

/** Opens a live socket, which must not be let in. */
export async function refused(url: string, headers?: Record<string, string>): Promise<Refusal> {
  const client = await openClient(url, headers);
  if ("socket" in client) throw new Error("it was let in");
  return client;
}

/** What the assistant says. */
export function words(text: string, messageId = text) {
  return spoken({ role: "assistant", text, timestamp: 1_772_442_000_000, messageId });
}

/** How a message with this text is shown. */
export function shown(text: string): unknown {
  return expect.objectContaining({ type: "message", message: expect.objectContaining({ text }) as unknown });
}

/** A piece of a message. */
export function piece(messageId: string, text: string): LiveUpdate {
  return { type: "delta", messageId, text };
}
