import { type Answer, refuse } from "./answer.ts";
import { timedOut, within } from "./clock.ts";
import type { Limits } from "./limits.ts";

/** A raw body, or the refusal of its request. The text is byte for byte what was sent, as its signature needs. */
export type RawBody = { kind: "read"; text: string } | { kind: "refused"; answer: Answer };

const jsonType = /^application\/(?:[a-z0-9.+-]+\+)?json(?:\s*;|\s*$)/iu;

/** Reads the body of a request that is a POST of JSON, within the limits. */
export async function readBody(request: Request, limits: Limits): Promise<RawBody> {
  const refused = refusedByHead(request, limits);
  if (refused !== undefined) return { kind: "refused", answer: refused };
  const bytes = await collect(request.body, limits);
  if (!(bytes instanceof Uint8Array)) return { kind: "refused", answer: bytes };
  try {
    // A byte order mark is part of what was signed.
    return { kind: "read", text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { kind: "refused", answer: refuse("bad-body", "The body is not UTF-8, as JSON must be.") };
  }
}

function refusedByHead(request: Request, limits: Limits): Answer | undefined {
  const { method, headers } = request;
  if (method !== "POST") return refuse("method-not-allowed", `A Server URL takes POST, not ${method}.`);
  const type = headers.get("content-type") ?? "";
  if (!jsonType.test(type)) {
    const given = type === "" ? "no content-type" : `content-type ${type}`;
    return refuse("not-json", `A Server URL takes application/json; this request has ${given}.`);
  }
  if (request.bodyUsed) {
    const cure = "Mount the receiver before any body parser: signatures are made over the raw bytes.";
    return refuse("body-used", `The body was read before the receiver got the request. ${cure}`);
  }
  return Number(headers.get("content-length") ?? 0) > limits.bodyBytesMax ? tooLarge(limits) : undefined;
}

async function collect(
  body: ReadableStream<Uint8Array> | null,
  limits: Limits,
): Promise<Uint8Array | Answer> {
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  const whole = drain(reader, limits).catch(() => refuse("bad-body", "The body ended before it was whole."));
  const got = await within(limits.bodyWaitMsMax, whole);
  if (got !== timedOut) return got;
  reader.cancel().catch(() => undefined);
  return refuse("body-late", `The body had not arrived after ${limits.bodyWaitMsMax / 1_000} s.`);
}

async function drain(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  limits: Limits,
): Promise<Uint8Array | Answer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return join(chunks, length);
    length += value.byteLength;
    if (length > limits.bodyBytesMax) {
      reader.cancel().catch(() => undefined);
      return tooLarge(limits);
    }
    chunks.push(value);
  }
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

function tooLarge(limits: Limits): Answer {
  return refuse(
    "body-too-large",
    `The body is longer than ${limits.bodyBytesMax} bytes, the most that is taken here.`,
  );
}
