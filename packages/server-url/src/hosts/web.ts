import { type Answer, headersOf, type Refused } from "../answer.ts";
import { bodyLate, brokenOff, joined, tooLarge } from "../body.ts";
import { timedOut, within } from "../clock.ts";
import type { Incoming } from "../incoming.ts";
import type { Limits } from "../limits.ts";

/** A Web `Request` as a receiver takes it. */
export function fromWeb(request: Request): Incoming {
  const { headers } = request;
  return {
    method: request.method,
    target: targetOf(request.url),
    header: (name) => headers.get(name),
    headers: () => headers,
    isUsed: request.bodyUsed,
    bytes: (limits) => collect(request, limits),
  };
}

export function toWeb(answer: Answer): Response {
  return new Response(answer.body, { status: answer.status, headers: headersOf(answer) });
}

/** The path and query of an address. */
function targetOf(url: string): string {
  const { pathname, search } = new URL(url);
  return `${pathname}${search}`;
}

async function collect(request: Request, limits: Limits): Promise<Uint8Array | Refused> {
  // The framing of HTTP holds a body to the length it announces; hosts read such a one faster as a whole.
  if (request.headers.has("content-length")) return whole(request, limits);
  const reader = request.body?.getReader();
  if (reader === undefined) return new Uint8Array();
  const got = await within(limits.bodyWaitMsMax, drain(reader, limits).catch(brokenOff));
  if (got !== timedOut) return got;
  reader.cancel().catch(() => undefined);
  return bodyLate(limits);
}

async function whole(request: Request, limits: Limits): Promise<Uint8Array | Refused> {
  const got = await within(limits.bodyWaitMsMax, request.arrayBuffer().catch(brokenOff));
  if (got === timedOut) return bodyLate(limits);
  if (!(got instanceof ArrayBuffer)) return got;
  return got.byteLength > limits.bodyBytesMax ? tooLarge(limits) : new Uint8Array(got);
}

async function drain(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  limits: Limits,
): Promise<Uint8Array | Refused> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joined(chunks, length);
    length += value.byteLength;
    if (length > limits.bodyBytesMax) {
      reader.cancel().catch(() => undefined);
      return tooLarge(limits);
    }
    chunks.push(value);
  }
}
