import {
  faultOfHead,
  keyOf,
  readSignatures,
  type SignatureFault,
  signedContent,
  toleranceSeconds,
  wireHeaders,
} from "@offhook/protocol";
import { type Mac, macOf } from "./mac.ts";
import { type Soon, andThen } from "./soon.ts";

/** Where senders put the plain secret (contract 3 and 9). */
const sharedHeaders = [wireHeaders.sharedSecret, "x-interactly.ai-secret"] as const;

/** Where a header is looked up: a `Headers` fits. */
export type HeaderSource = { get(name: string): string | null };

export type Verifier = (headers: HeaderSource, body: string, now: number) => Soon<string | undefined>;

/**
 * Makes the check of who sent a request: the signature of Standard Webhooks
 * where there is one, else the vendor's shared header. It gives a sentence when
 * the request is not to be believed. Without secrets (`null`) all are believed.
 * Throws on a secret that can not be one.
 */
export function verifier(secrets: readonly string[] | null): Verifier {
  if (secrets === null) return () => undefined;
  if (secrets.length === 0) throw new TypeError("serverUrl: `secrets` is empty; give at least one secret");
  for (const secret of secrets) checkSecret(secret);
  const macs = secrets.map((secret) => macOf(keyOf(secret)));
  return (headers, body, now) => {
    const signature = headers.get(wireHeaders.signature);
    return signature === null
      ? checkShared(secrets, headers)
      : checkSignature({ macs, signature, headers, body, now });
  };
}

async function checkShared(secrets: readonly string[], headers: HeaderSource): Promise<string | undefined> {
  const shared = sharedHeaders.map((name) => headers.get(name)).find((value) => value !== null);
  if (shared === undefined || shared === null) return unsigned;
  return (await isOneOf(secrets, shared))
    ? undefined
    : `The shared secret in ${sharedHeaders[0]} is not the one known here.`;
}

const unsigned =
  "The request is not signed: it has neither webhook-signature (Standard Webhooks) nor x-interactly-secret. " +
  "Give the assistant's server the secret that this receiver knows.";

function checkSecret(secret: unknown): void {
  if (typeof secret !== "string" || secret === "") {
    throw new TypeError(
      "serverUrl: `secret` is missing; give the Server URL's secret, or null to believe every sender",
    );
  }
  let length = 0;
  try {
    length = keyOf(secret).length;
  } catch {
    throw new TypeError("serverUrl: after whsec_ a secret is base64, and this one is not");
  }
  if (length === 0) throw new TypeError("serverUrl: there is nothing after whsec_ in the secret");
}

type Signed = { macs: readonly Mac[]; signature: string; headers: HeaderSource; body: string; now: number };

function checkSignature({ macs, signature, headers, body, now }: Signed): Soon<string | undefined> {
  const id = headers.get(wireHeaders.id) ?? "";
  const timestamp = headers.get(wireHeaders.timestamp) ?? "";
  const fault = faultOfHead({ id, timestamp, signature }, now);
  if (fault !== undefined) return sentences[fault](Math.abs(Math.floor(now / 1_000) - Number(timestamp)));
  const content = signedContent(id, timestamp, body);
  const given = readSignatures(signature);
  return andThen(isByOne(macs, content, given), (isGood) => (isGood ? undefined : sentences["no-match"](0)));
}

/** Whether one of these keys made one of these signatures. */
function isByOne(
  [mac, ...others]: readonly Mac[],
  content: string,
  given: ReturnType<typeof readSignatures>,
): Soon<boolean> {
  if (mac === undefined) return false;
  return andThen(mac(content, given), (isGood) => isGood || isByOne(others, content, given));
}

const sentences: Record<SignatureFault, (offSeconds: number) => string> = {
  "missing-header": () =>
    "The request has not all three of webhook-id, webhook-timestamp and webhook-signature.",
  "bad-timestamp": () => "webhook-timestamp is not a number of seconds.",
  "too-old": (off) =>
    `webhook-timestamp is ${off} s old, more than ${toleranceSeconds} s: a replay, or a wrong clock.`,
  "too-new": (off) =>
    `webhook-timestamp is ${off} s ahead, more than ${toleranceSeconds} s: one of the clocks is wrong.`,
  "no-match": () =>
    "The signature does not fit: it was made with another secret, or the body was changed on its way.",
};

/** Compares digests of equal length to the end, so that the time taken tells nothing of the secret. */
async function isOneOf(secrets: readonly string[], given: string): Promise<boolean> {
  const wanted = await digest(given);
  let found = 0;
  for (const secret of secrets) {
    const known = await digest(secret);
    let difference = 0;
    for (const [index, byte] of wanted.entries()) difference |= byte ^ (known[index] ?? 0);
    found |= Number(difference === 0);
  }
  return found === 1;
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
