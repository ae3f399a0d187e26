import type { TellType } from "@offhook/protocol";
import { accept, type Answer, refuse } from "./answer.ts";
import type { Fault } from "./fault.ts";
import { identify } from "./identity.ts";
import type { Limits } from "./limits.ts";
import type { Once } from "./once.ts";
import type { Order, Place } from "./order.ts";
import type { CallEvent, CallEvents, OtherMessage } from "./reading/received.ts";

/** What a handler is told beside the message. */
export type EventContext = {
  /** The id under which it is handled once; null when the sender gives nothing to tell by. */
  id: string | null;
  /** Epoch ms of its arrival, by the receiver's `now`. */
  at: number;
  /** 1, 2 …, counted by the sender. */
  attempt: number;
  /** Sequences before this one that neither came nor were announced in `missed`. */
  gap: readonly number[];
  headers: Headers;
  /** Aborted when the receiver has stopped waiting for the handler (`eventMsMax`). */
  signal: AbortSignal;
};

/**
 * What to do with each event. A handler that throws is answered with 500, and
 * the server sends the event again.
 */
export type Handlers = {
  [Type in TellType]?: (event: CallEvents[Type], context: EventContext) => unknown;
};

/** Takes what no handler is there for: unknown types, other families, events not in `on`. */
export type OtherHandler = (message: CallEvent | OtherMessage, context: EventContext) => unknown;

export type Telling = {
  on: Handlers;
  onOther: OtherHandler;
  once: Once;
  order: Order;
  limits: Limits;
  onFault: (fault: Fault) => void;
};

/** What of a request is told to whoever handles it. */
export type Head = { at: number; attempt: number; headers: Headers };

/** Hands a message to its handler, once, and answers for it. */
export async function tell(message: CallEvent | OtherMessage, head: Head, telling: Telling): Promise<Answer> {
  const stop = new AbortController();
  const id = await identify(message, head.headers);
  const place = placeOf(message);
  const handle = async (): Promise<string | null> => {
    try {
      await pass(message, { ...head, id, gap: telling.order.gap(place), signal: stop.signal }, telling);
    } catch (error) {
      telling.onFault({ kind: "handler", name: message.type, callId: place.callId, error });
      return null;
    }
    telling.order.note(place.callId, place.sequence);
    return received.body;
  };
  const ran = await telling.once.run(id, telling.limits.eventMsMax, handle);
  if (ran.kind === "late") stop.abort();
  return ran.kind === "answered" ? received : refuseTell[ran.kind](message.type);
}

const received = accept({ received: true });

const refuseTell = {
  failed: (type: string) => refuse("handler-failed", `Handling ${type} failed here. Send it again.`),
  late: (type: string) =>
    refuse("handler-late", `${type} is still being handled. Send it again to hear the outcome.`),
  elsewhere: (type: string) => refuse("busy", `${type} is being handled by another process. Send it again.`),
};

function pass(message: CallEvent | OtherMessage, context: EventContext, { on, onOther }: Telling): unknown {
  if (message.kind === "other") return onOther(message, context);
  switch (message.type) {
    case "status-update":
      return (on[message.type] ?? onOther)(message, context);
    case "conversation-update":
      return (on[message.type] ?? onOther)(message, context);
    case "hang":
      return (on[message.type] ?? onOther)(message, context);
    case "hang-recovered":
      return (on[message.type] ?? onOther)(message, context);
    case "error":
      return (on[message.type] ?? onOther)(message, context);
    case "end-of-call-report":
      return (on[message.type] ?? onOther)(message, context);
    case "analysis-updated":
      return (on[message.type] ?? onOther)(message, context);
  }
}

function placeOf(message: CallEvent | OtherMessage): Place {
  if (message.kind === "other") return { callId: null, sequence: null, missed: [] };
  return { callId: message.call.id, sequence: message.sequence, missed: message.missed };
}
