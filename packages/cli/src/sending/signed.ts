import { sign, wireHeaders } from "@offhook/protocol";
import { systemNow } from "../clock.ts";
import { makeUuid } from "../random.ts";
import { exchange, type Incoming } from "./exchange.ts";
import type { Letter } from "./letter.ts";

/** How a receiver is shown who sent a message. Without a secret nothing shows it. */
export type Proof = { secret: string | undefined; auth: "signature" | "header" };

export type Posting = {
  url: string;
  letter: Letter;
  proof: Proof;
  /** 1, 2 … */
  attempt: number;
  timeoutMs: number;
  signal?: AbortSignal;
};

/** Sends a message once, signed now, as the server would. Never throws. */
export async function post({ url, letter, proof, attempt, timeoutMs, signal }: Posting): Promise<Incoming> {
  const headers = { ...(await headersOf(letter, { proof, attempt, nowMs: systemNow() })) };
  const { body } = letter;
  return exchange({
    url,
    method: "POST",
    headers,
    body,
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The headers of a POST to a Server URL (contract 3). */
export async function headersOf(
  letter: Letter,
  { proof, attempt, nowMs }: { proof: Proof; attempt: number; nowMs: number },
): Promise<Record<string, string>> {
  const timestamp = Math.floor(nowMs / 1_000);
  return {
    "content-type": "application/json",
    "user-agent": "Offhook/cli",
    traceparent: newTraceparent(),
    [wireHeaders.id]: letter.id,
    [wireHeaders.timestamp]: String(timestamp),
    [wireHeaders.attempt]: String(attempt),
    ...letter.headers,
    ...(await proofOf(letter, proof, timestamp)),
  };
}

async function proofOf(
  { id, body }: Letter,
  { secret, auth }: Proof,
  timestamp: number,
): Promise<Record<string, string>> {
  if (secret === undefined) return {};
  if (auth === "header") return { [wireHeaders.sharedSecret]: secret };
  return { [wireHeaders.signature]: await sign({ secret, id, timestamp, body }) };
}

/** A new trace with one span (W3C Trace Context, version 00, sampled). */
function newTraceparent(): string {
  const [trace, span] = [makeUuid(), makeUuid()].map((uuid) => uuid.replaceAll("-", ""));
  return `00-${trace}-${span?.slice(0, 16)}-01`;
}
