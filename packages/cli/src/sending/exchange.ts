import type { Agent, IncomingMessage } from "node:http";
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { deadline, sleep, systemNow } from "../clock.ts";

/** Of an answer, so much is read. */
const answerBytesMax = 1_048_576;

/** A request as it goes over the wire; redirects are not followed. */
export type Outgoing = {
  url: string;
  method: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  /** For the whole exchange. */
  timeoutMs: number;
  /** Sends the body in so many pieces, with a pause between them. */
  pieces?: { count: number; pauseMs: number };
  /** Keeps connections; without one each exchange has its own. */
  agent?: Agent;
  signal?: AbortSignal;
};

/** What came of it. `unreachable`: nobody answered, or the connection broke. */
export type Incoming =
  | { kind: "answered"; status: number; headers: Record<string, string>; body: string; elapsedMs: number }
  | { kind: "unreachable" | "timed-out"; detail: string; elapsedMs: number };

/** Makes one exchange. Never throws. */
export async function exchange(outgoing: Outgoing): Promise<Incoming> {
  const begunAt = systemNow();
  const limit = deadline(outgoing.timeoutMs);
  const signal =
    outgoing.signal === undefined ? limit.signal : AbortSignal.any([limit.signal, outgoing.signal]);
  try {
    const { status, headers, body } = await perform(outgoing, signal);
    return { kind: "answered", status, headers, body, elapsedMs: systemNow() - begunAt };
  } catch (error) {
    const elapsedMs = systemNow() - begunAt;
    if (limit.signal.aborted) {
      const detail = `there was no whole answer within ${outgoing.timeoutMs / 1_000} s`;
      return { kind: "timed-out", detail, elapsedMs };
    }
    return { kind: "unreachable", detail: reasonOf(error), elapsedMs };
  } finally {
    limit.callOff();
  }
}

type Answered = { status: number; headers: Record<string, string>; body: string };

function perform(outgoing: Outgoing, signal: AbortSignal): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const { url, method, agent } = outgoing;
    const bytes = Buffer.from(outgoing.body);
    const headers = bytes.length === 0 && method !== "POST" ? outgoing.headers : sized(outgoing, bytes);
    const send = url.startsWith("https:") ? secureRequest : plainRequest;
    const request = send(url, { method, headers, signal, agent: agent ?? false }, (answer) => {
      read(answer).then(resolve, reject);
    });
    request.on("error", reject);
    const { count, pauseMs } = outgoing.pieces ?? { count: 1, pauseMs: 0 };
    if (count === 1) request.end(bytes);
    else
      void drip(bytes, { count, pauseMs, write: (piece) => request.write(piece) }).then(() => request.end());
  });
}

function sized({ headers }: Outgoing, bytes: Buffer): Record<string, string> {
  return { ...headers, "content-length": String(bytes.length) };
}

type Drip = { count: number; pauseMs: number; write: (piece: Buffer) => void };

async function drip(bytes: Buffer, { count, pauseMs, write }: Drip): Promise<void> {
  const size = Math.ceil(bytes.length / count);
  for (let start = 0; start < bytes.length; start += size) {
    if (start > 0) await sleep(pauseMs);
    write(bytes.subarray(start, start + size));
  }
}

async function read(answer: IncomingMessage): Promise<Answered> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer) {
    if (!Buffer.isBuffer(piece)) continue;
    pieces.push(piece);
    size += piece.length;
    if (size > answerBytesMax) throw new Error(`the answer has more than ${answerBytesMax / 1_024} KiB`);
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) headers[name] = String(value);
  return { status: answer.statusCode ?? 0, headers, body: Buffer.concat(pieces).toString("utf8") };
}

/** What a failed request says; behind several addresses the reason is in the first error. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
