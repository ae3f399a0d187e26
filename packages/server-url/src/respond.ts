import { wireHeaders } from "@offhook/protocol";
import { type Answer, refuse } from "./answer.ts";
import { type AssistantHandler, answerWho } from "./assistant.ts";
import { answerTools } from "./asks.ts";
import { type RawBody, readBody } from "./body.ts";
import type { Fault } from "./fault.ts";
import { type Handlers, type Head, type OtherHandler, tell } from "./handlers.ts";
import type { Host, Incoming } from "./incoming.ts";
import type { Later } from "./later.ts";
import type { Limits } from "./limits.ts";
import { makeOnce, type Once } from "./once.ts";
import { makeOrder } from "./order.ts";
import { parseJson } from "./reading/loose.ts";
import { read } from "./reading/read.ts";
import type { Received } from "./reading/received.ts";
import type { ToolHints } from "./reading/tool-request.ts";
import type { Receipts } from "./receipts.ts";
import type { Sequences } from "./sequences.ts";
import { isPromise, type Soon, andThen } from "./soon.ts";
import type { Tool } from "./tool.ts";
import type { Verifier } from "./verification.ts";

export type Parts = {
  tools: Readonly<Record<string, Tool>>;
  assistant: AssistantHandler | null;
  on: Handlers;
  onOther: OtherHandler;
  onFault: (fault: Fault) => void;
  limits: Limits;
  verify: Verifier;
  receipts: Receipts;
  sequences: Sequences;
  later: Later;
  answerAfterMs: number | null;
};

/** A request as far as it was read, and its answer. */
export type Responded = { body: string | null; received: Received | null; answer: Answer };

/** Makes the way of a request: body, sender, reading, handling. What it makes never rejects. */
export function makeRespond(
  parts: Parts,
): (incoming: Incoming, at: number, host: Host) => Promise<Responded> {
  const { limits } = parts;
  const once = makeOnce(parts.receipts);
  const handle = makeHandle(parts, once);
  let inFlight = 0;
  return async (incoming, at, host) => {
    if (Math.max(inFlight, once.running()) >= limits.inFlightMax) return unread(busy(limits));
    inFlight += 1;
    try {
      const raw = readBody(incoming, limits);
      const opening = open({ incoming, at, raw: isPromise(raw) ? await raw : raw }, parts);
      const opened = isPromise(opening) ? await opening : opening;
      if ("answer" in opened) return opened;
      const attempt = Number(incoming.header(wireHeaders.attempt)) || 1;
      const { body, received } = opened;
      const handling = handle(received, { at, attempt, incoming, host });
      return { body, received, answer: isPromise(handling) ? await handling : handling };
    } finally {
      inFlight -= 1;
    }
  };
}

type Opened = { body: string; received: Received };

type Came = { incoming: Incoming; at: number; raw: RawBody };

function open({ incoming, at, raw }: Came, { verify }: Parts): Soon<Opened | Responded> {
  if (raw.kind === "refused") return unread(raw.answer);
  const body = raw.text;
  return andThen(verify({ get: incoming.header }, body, at), (disbelief): Opened | Responded => {
    if (disbelief !== undefined) return { body, received: null, answer: refuse("not-authentic", disbelief) };
    const json = parseJson(body);
    if (json === undefined)
      return { body, received: null, answer: refuse("bad-body", "The body is not JSON.") };
    return { body, received: read(json, hintsOf(incoming)) };
  });
}

function makeHandle(parts: Parts, once: Once): (received: Received, head: Head) => Soon<Answer> {
  const telling = { ...parts, once, order: makeOrder(parts.sequences) };
  const failed = (error: unknown): Answer => {
    parts.onFault({ kind: "receiver", name: "receipts", callId: null, error });
    return refuse("handler-failed", "The message could not be handled here. Send it again.");
  };
  const handle = (received: Received, head: Head): Soon<Answer> => {
    if (received.kind === "tool-request") return answerTools({ request: received, ...head }, telling);
    if (received.kind === "assistant-request") return answerWho(received, head, telling);
    return tell(received, head, telling);
  };
  return (received, head) => {
    try {
      const answer = handle(received, head);
      return isPromise(answer) ? answer.catch(failed) : answer;
    } catch (error) {
      return failed(error);
    }
  };
}

function unread(answer: Answer): Responded {
  return { body: null, received: null, answer };
}

function busy({ inFlightMax }: Limits): Answer {
  return refuse("busy", `${inFlightMax} messages are being handled, the most at once. Send it again.`);
}

/** A bare-arguments request names its tool in a header, or in the address as `?tool=`. */
function hintsOf({ header, target }: Incoming): ToolHints {
  return {
    toolName: header(wireHeaders.toolName) ?? toolOf(target),
    toolCallId: header(wireHeaders.toolCallId),
    callId: header(wireHeaders.callId),
  };
}

function toolOf(target: string): string | null {
  const at = target.indexOf("?");
  return at === -1 ? null : new URLSearchParams(target.slice(at + 1)).get("tool");
}
