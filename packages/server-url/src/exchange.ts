import { isSensitive, mask } from "@offhook/protocol";
import type { Received } from "./reading/received.ts";

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

/** The headers as they may be shown. */
export function shownHeaders(headers: Headers): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of headers) shown[name] = isSensitive(name) ? mask : value;
  return shown;
}
