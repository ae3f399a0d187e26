import { type Answer, refuse, type Refused } from "./answer.ts";
import type { Incoming } from "./incoming.ts";
import type { Limits } from "./limits.ts";
import { type Soon, andThen } from "./soon.ts";

/** A raw body, or the refusal of its request. The text is byte for byte what was sent, as its signature needs. */
export type RawBody = { kind: "read"; text: string } | { kind: "refused"; answer: Answer };

const jsonType = /^application\/(?:[a-z0-9.+-]+\+)?json(?:\s*;|\s*$)/iu;
// A byte order mark is part of what was signed.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads the body of a request that is a POST of JSON, within the limits. */
export function readBody(incoming: Incoming, limits: Limits): Soon<RawBody> {
  const refused = refusedByHead(incoming, limits);
  if (refused !== undefined) return { kind: "refused", answer: refused };
  return andThen(incoming.bytes(limits), textOf);
}

function textOf(bytes: Uint8Array | Refused): RawBody {
  if (!(bytes instanceof Uint8Array)) return { kind: "refused", answer: bytes.refused };
  try {
    return { kind: "read", text: utf8.decode(bytes) };
  } catch {
    return { kind: "refused", answer: refuse("bad-body", "The body is not UTF-8, as JSON must be.") };
  }
}

function refusedByHead(incoming: Incoming, limits: Limits): Answer | undefined {
  const { method, isUsed } = incoming;
  if (method !== "POST") return refuse("method-not-allowed", `A Server URL takes POST, not ${method}.`);
  const type = incoming.header("content-type") ?? "";
  if (type !== "application/json" && !jsonType.test(type)) {
    const given = type === "" ? "no content-type" : `content-type ${type}`;
    return refuse("not-json", `A Server URL takes application/json; this request has ${given}.`);
  }
  if (isUsed) {
    const cure = "Mount the receiver before any body parser: signatures are made over the raw bytes.";
    return refuse("body-used", `The body was read before the receiver got the request. ${cure}`);
  }
  const tooLong = Number(incoming.header("content-length") ?? 0) > limits.bodyBytesMax;
  return tooLong ? tooLarge(limits).refused : undefined;
}

export function tooLarge(limits: Limits): Refused {
  const sentence = `The body is longer than ${limits.bodyBytesMax} bytes, the most that is taken here.`;
  return { refused: refuse("body-too-large", sentence) };
}

export function brokenOff(): Refused {
  return { refused: refuse("bad-body", "The body ended before it was whole.") };
}

export function bodyLate(limits: Limits): Refused {
  const sentence = `The body had not arrived after ${limits.bodyWaitMsMax / 1_000} s.`;
  return { refused: refuse("body-late", sentence) };
}

/** The pieces of a body as one; a single piece is not copied. */
export function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = chunks;
  if (only !== undefined && chunks.length === 1) return only;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
