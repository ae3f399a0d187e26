import type { TellType } from "@offhook/protocol";
import { accept, type Answer, refuse } from "./answer.ts";
import type { Fault } from "./fault.ts";
import { identify } from "./identity.ts";
import type { Host, Incoming } from "./incoming.ts";
import type { Later } from "./later.ts";
import type { Limits } from "./limits.ts";
import type { Late, Once } from "./once.ts";
import type { Order, Place, Standing } from "./order.ts";
import type { CallEvent, CallEvents, OtherMessage } from "./reading/received.ts";
import { isPromise, type Soon, andThen } from "./soon.ts";
import { Stop } from "./stop.ts";

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
  /** Whether a later event of the call was handled before: a redelivery, or a sender that keeps no order. */
  late: boolean;
  readonly headers: Headers;
  /** Aborted when the receiver has stopped waiting for the handler (`eventMsMax`). */
  readonly signal: AbortSignal;
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
  later: Later;
  /** How long a handler may take before it is answered for; null: as long as it takes. */
  answerAfterMs: number | null;
  limits: Limits;
  onFault: (fault: Fault) => void;
};

/** What of a request is told to whoever handles it. */
export type Head = { at: number; attempt: number; incoming: Incoming; host: Host };

/** Hands a message to its handler, once, and answers for it. */
export function tell(message: CallEvent | OtherMessage, head: Head, telling: Telling): Soon<Answer> {
  const stop = new Stop();
  const place = placeOf(message);
  const patienceMs = patienceOf(telling, head.host);
  return andThen(identify(message, { get: head.incoming.header }), (id) => {
    const handle = () => handled(message, { head, id, place, stop }, telling);
    return andThen(telling.once.run(id, patienceMs, handle), (ran) => {
      if (ran.kind === "answered") return received;
      if (ran.kind !== "late") return refuseTell[ran.kind](message.type);
      return leave(ran, { message, head, place, stop, patienceMs }, telling);
    });
  });
}

type Left = { message: CallEvent | OtherMessage; head: Head; place: Place; stop: Stop; patienceMs: number };

/** Answers for a handler that goes on; refuses where it may not. */
function leave(ran: Late, { message, head, place, stop, patienceMs }: Left, telling: Telling): Answer {
  const { later, limits } = telling;
  const limitMs = limits.eventMsMax - patienceMs;
  if (limitMs > 0) {
    const { callId } = place;
    const work = ran.run.catch((error: unknown) =>
      telling.onFault({ kind: "receiver", name: "receipts", callId, error }),
    );
    later.take({ callId, work, limitMs, onLate: () => stop.abort() }, head.host);
    return received;
  }
  stop.abort();
  return refuseTell.late(message.type);
}

/** How long the answer waits for the handler; all of the limit where nothing can be left for after it. */
function patienceOf({ answerAfterMs, limits }: Telling, host: Host): number {
  if (answerAfterMs === null || host.waitUntil === undefined) return limits.eventMsMax;
  return Math.min(answerAfterMs, limits.eventMsMax);
}

type Handling = { head: Head; id: string | null; place: Place; stop: Stop };

function handled(
  message: CallEvent | OtherMessage,
  handling: Handling,
  telling: Telling,
): Soon<string | null> {
  const failed = (error: unknown): null => {
    telling.onFault({ kind: "handler", name: message.type, callId: handling.place.callId, error });
    return null;
  };
  try {
    const body = passedOn(message, handling, telling);
    return isPromise(body) ? body.catch(failed) : body;
  } catch (error) {
    return failed(error);
  }
}

function passedOn(
  message: CallEvent | OtherMessage,
  { head, id, place, stop }: Handling,
  telling: Telling,
): Soon<string | null> {
  const { later, order } = telling;
  const handle = (): Soon<string | null> =>
    andThen(order.standing(place), (standing) =>
      andThen<unknown, string | null>(pass(message, new Context({ head, id, standing, stop }), telling), () =>
        andThen(order.note(place), () => received.body),
      ),
    );
  const ahead = later.ahead(place.callId);
  return ahead === undefined ? handle() : ahead.then(handle);
}

type Told = { head: Head; id: string | null; standing: Standing; stop: Stop };

/** Makes headers and signal when they are asked for. */
class Context implements EventContext {
  readonly id: string | null;
  readonly at: number;
  readonly attempt: number;
  readonly gap: readonly number[];
  readonly late: boolean;
  readonly #incoming: Incoming;
  readonly #stop: Stop;

  constructor({ head, id, standing, stop }: Told) {
    this.id = id;
    this.at = head.at;
    this.attempt = head.attempt;
    this.gap = standing.gap;
    this.late = standing.late;
    this.#incoming = head.incoming;
    this.#stop = stop;
  }

  get headers(): Headers {
    return this.#incoming.headers();
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }
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
