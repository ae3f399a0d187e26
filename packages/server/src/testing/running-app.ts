import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "@offhook/protocol";
import { Webhook } from "standardwebhooks";
import { openApp } from "../app.ts";
import { sleep, systemClock } from "../clock.ts";
import { type Env, toConfig } from "../config.ts";
import { openReceiver, type Received, type Script } from "./receiver.ts";

/** A secret that the referee and we read alike. */
export const appSecret = `whsec_${Buffer.from("a secret of thirty-two bytes, ok").toString("base64")}`;
/** The API key of servers for tests. */
export const testKey = "a-key-for-tests-only";

/** Settings of a server for tests: a free port, loopback allowed, no log. */
export function testEnv(folder: string, more: Env = {}): Env {
  return {
    OFFHOOK_PORT: "0",
    OFFHOOK_DATA: folder,
    OFFHOOK_API_KEY: testKey,
    OFFHOOK_EGRESS_ALLOW: "loopback",
    OFFHOOK_LOG_LEVEL: "silent",
    ...more,
  };
}

/** Requests to a server, as an API client makes them. */
export function apiOf(url: string) {
  return async (
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: JsonObject; headers: Headers }> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${testKey}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const { status, headers } = response;
    return { status, headers, body: text === "" ? {} : (JSON.parse(text) as JsonObject) };
  };
}

/** A real server with its store on disk, and a real receiver behind its Server URL. */
export async function runApp(given: { env?: Env; script?: Script } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "offhook-"));
  const receiver = await openReceiver(given.script === undefined ? {} : { script: given.script });
  const app = await openApp(toConfig(testEnv(folder, given.env)));
  return {
    url: app.url,
    api: apiOf(app.url),
    receiver,
    serverUrl: `${receiver.url}/offhook`,
    async close() {
      await app.close();
      await receiver.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The id in an answer. */
export function idIn({ id }: JsonObject): string {
  return typeof id === "string" ? id : "";
}

/** The message in a request to a Server URL. */
export function messageIn(request: Received): JsonObject {
  return (JSON.parse(request.body) as { message: JsonObject }).message;
}

/** The messages of the requests that the referee accepts; it throws at the first that it does not. */
export function refereed(requests: readonly Received[], secret = appSecret): JsonObject[] {
  const referee = new Webhook(secret);
  return requests.map((request) => {
    referee.verify(request.body, request.headers);
    return messageIn(request);
  });
}

/** Looks again and again until it holds; fails when that takes too long. */
export async function eventually(holds: () => boolean | Promise<boolean>, limitMs = 15_000): Promise<void> {
  const endsAt = systemClock.now() + limitMs;
  while (!(await holds())) {
    if (systemClock.now() > endsAt) throw new Error(`it did not happen within ${limitMs} ms`);
    await sleep(systemClock, 20);
  }
}
