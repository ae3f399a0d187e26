import { isSensitive, mask } from "@offhook/protocol";
import type { Incoming } from "./incoming.ts";
import type { Received } from "./reading/received.ts";
import type { Responded } from "./respond.ts";

/** One request and what was answered to it: for logs, recordings and tests. */
export type Exchange = {
  /** Epoch ms of its arrival. */
  at: number;
  method: string;
  path: string;
  /** In lower case; those that hold a secret are masked. */
  headers: Readonly<Record<string, string>>;
  /** The raw body; null when it was not read. */
  body: string | null;
  /** null when the request was refused before it was read. */
  received: Received | null;
  answered: { status: number; body: string };
};

/** A request with its answer, as it may be shown. */
export function exchangeOf(incoming: Incoming, at: number, responded: Responded): Exchange {
  const { status, body: text } = responded.answer;
  return {
    at,
    method: incoming.method,
    path: incoming.target.split("?", 1)[0] ?? "/",
    headers: shownHeaders(incoming.headers()),
    body: responded.body,
    received: responded.received,
    answered: { status, body: text },
  };
}

function shownHeaders(headers: Headers): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of headers) shown[name] = isSensitive(name) ? mask : value;
  return shown;
}
