import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { keyOf, wireHeaders } from "@offhook/protocol";
import manifest from "../../package.json" with { type: "json" };
import type { Random } from "../random.ts";
import type { ServerSettings } from "../store.ts";

/** So many secrets have their key kept ready; making one anew costs more than the signature. */
const keysMax = 1_024;

const keys = new Map<string, KeyObject>();

/**
 * The value of `webhook-signature`: one signature per secret, of what
 * Standard Webhooks 1.0.0 has signed. `timestamp` is in seconds.
 */
export function signature(given: {
  secrets: readonly string[];
  id: string;
  timestamp: number;
  body: string | Uint8Array;
}): string {
  const start = `${given.id}.${given.timestamp}.`;
  return given.secrets
    .map(
      (secret) =>
        `v1,${createHmac("sha256", keyFor(secret)).update(start).update(given.body).digest("base64")}`,
    )
    .join(" ");
}

/** What is wrong with a secret that cannot sign; `undefined` for a good one. */
export function secretFault(secret: string | undefined): string | undefined {
  if (secret === undefined || keys.has(secret)) return undefined;
  try {
    keyFor(secret);
    return undefined;
  } catch {
    return "the secret says whsec_, but what follows is not base64: save another";
  }
}

/** What a request to a Server URL is sent with besides its body. */
export type Outgoing = {
  /** The same on every attempt. */
  id: string;
  body: string | Uint8Array;
  nowMs: number;
  attempt: number;
  server: Pick<ServerSettings, "secret" | "previousSecret" | "headers" | "auth">;
  traceparent: string;
  /** Headers of ours that only some requests have. */
  extra?: Readonly<Record<string, string>>;
};

/** All headers of a request to a Server URL (contract 3), in lower case. The server's own never take the place of ours. */
export function signedHeaders(outgoing: Outgoing): Record<string, string> {
  const timestamp = Math.floor(outgoing.nowMs / 1_000);
  return {
    ...freeHeaders(outgoing.server.headers),
    "content-type": "application/json",
    "user-agent": userAgent,
    "accept-encoding": "identity",
    traceparent: outgoing.traceparent,
    [wireHeaders.id]: outgoing.id,
    [wireHeaders.timestamp]: String(timestamp),
    [wireHeaders.attempt]: String(outgoing.attempt),
    ...outgoing.extra,
    ...proof(outgoing, timestamp),
  };
}

/** A new trace with one span (W3C Trace Context, version 00, sampled). */
export function newTraceparent(random: Random): string {
  const [trace, span] = [random.uuid(), random.uuid()].map((uuid) => uuid.replaceAll("-", ""));
  return `00-${trace}-${span?.slice(0, 16)}-01`;
}

const userAgent = `Offhook/${manifest.version}`;

function keyFor(secret: string): KeyObject {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const key = createSecretKey(keyOf(secret));
  const [oldest] = keys.keys();
  if (oldest !== undefined && keys.size >= keysMax) keys.delete(oldest);
  keys.set(secret, key);
  return key;
}

function proof({ server, id, body, nowMs }: Outgoing, timestamp: number): Record<string, string> {
  const { secret, previousSecret, auth } = server;
  if (secret === undefined) return {};
  const isPreviousGood = previousSecret !== undefined && previousSecret.until > nowMs;
  const secrets = isPreviousGood ? [secret, previousSecret.secret] : [secret];
  return {
    ...(auth === "header" ? {} : { [wireHeaders.signature]: signature({ secrets, id, timestamp, body }) }),
    ...(auth === "signature" ? {} : { [wireHeaders.sharedSecret]: secret }),
  };
}

/** Names that are ours, or that say how the request travels. */
const reserved = new Set<string>([
  ...Object.values(wireHeaders),
  "content-type",
  "user-agent",
  "accept-encoding",
  "traceparent",
  "host",
  "content-length",
  "connection",
  "transfer-encoding",
  "keep-alive",
  "upgrade",
  "expect",
  "te",
  "trailer",
  "proxy-connection",
  "http2-settings",
]);

function freeHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const free: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    const lower = name.toLowerCase();
    if (value !== undefined && !reserved.has(lower)) free[lower] = value;
  }
  return free;
}
