import {
  callView,
  type CallView,
  type callsQuery,
  callWithMessages,
  type CallWithMessages,
  type connectBody,
  type Control,
  type Delivery,
  type EventView,
  type Page,
  pageOf,
  saidView,
  type SaidView,
} from "@offhook/protocol";
import type { Answer } from "./answer.ts";
import { type DeliveriesQuery, listDeliveries } from "./deliveries.ts";
import { type EventsPage, type EventsQuery, listEvents } from "./events.ts";
import { follow, type FollowQuery } from "./follow.ts";
import { type LiveSession, openLive } from "./live.ts";
import { everyItem } from "./pages.ts";
import { randomKey } from "./random.ts";
import { type Connection, nothing, pathOf, request } from "./request.ts";
import type { InputOf } from "./shelf.ts";

/** Who is to answer (`assistantId`, or an inline `assistant`, which wins), who calls, and what to remember. */
export type ConnectInput = InputOf<typeof connectBody>;

/**
 * A page of the calls, and which of them: dates are ISO 8601 and bound
 * `createdAt`. `before` is the id of a call and goes on behind it, also when
 * new ones have come; then leave `page` out.
 */
export type CallsQuery = {
  [Field in keyof CallsFields]?: CallsFields[Field] | undefined;
};
type CallsFields = (typeof callsQuery)["_zod"]["output"];

/** Calls: placed, watched, spoken in and steered. */
export type Calls = {
  /**
   * Places a call. Refused with `invalid`, `not-found` (no such assistant),
   * `forbidden-address`, `over-capacity` and others. It is sent under an
   * idempotency key, so that asking again makes no second call; give one of
   * your own (an order's number, say) to make it once over restarts of yours.
   *
   * @example
   * const call = await client.calls.connect({ assistantId, callType: "chat" });
   */
  connect(body: ConnectInput, options?: { idempotencyKey?: string }): Promise<Answer<CallView>>;
  /** The newest first, without their messages. */
  list(query?: CallsQuery): Promise<Answer<Page<CallView>>>;
  /** The same over all pages, one call a turn; only the last turn may be a problem. */
  each(query?: CallsQuery): AsyncIterable<Answer<CallView>>;
  /** With its messages so far. Refused with `not-found`. */
  get(id: string): Promise<Answer<CallWithMessages>>;
  /**
   * Says something as the user of a chat. With `wait: true` it answers when the
   * reply's turn has ended, with the messages of the reply, or after a minute
   * with the outcome `still-working`. Refused with `call-finished` and others.
   */
  say(id: string, text: string, options: { wait: true }): Promise<Answer<SaidView>>;
  say(id: string, text: string, options?: { wait?: false }): Promise<Answer<undefined>>;
  /** Steers a live call. It is on disk when this answers. Refused with `call-finished` and others. */
  control(id: string, control: Control): Promise<Answer<undefined>>;
  /** Everything that happened in the call, also what its Server URL is not told. A cursor is an event's `seq`. */
  events(id: string, query?: EventsQuery): Promise<Answer<EventsPage>>;
  /** The same as it happens; see {@link Events}. It goes on after the call's end: leave the loop. */
  follow(id: string, query?: FollowQuery): AsyncIterable<Answer<EventView>>;
  /** What became of the call's events for its Server URL, in order. */
  deliveries(id: string, query?: DeliveriesQuery): Promise<Answer<Page<Delivery>>>;
  /** Opens the call's live session: see {@link LiveSession}. */
  live(call: Pick<CallView, "monitor">): Promise<Answer<LiveSession>>;
};

const path = "/calls/v1/conversations";

export function openCalls(connection: Connection): Calls {
  const of = (id: string, what: string): string => pathOf(path, id, what);
  const list: Calls["list"] = (query) => request(connection, { path, query }, pageOf(callView));
  return {
    connect: (body, { idempotencyKey = randomKey() } = {}) =>
      request(connection, { method: "POST", path: `${path}/connect`, body, idempotencyKey }, callView),
    list,
    each: (query = {}) => everyItem(list, query),
    get: (id) => request(connection, { path: pathOf(path, id) }, callWithMessages),
    say: sayIn(connection),
    control: (id, body) => request(connection, { method: "POST", path: of(id, "control"), body }, nothing),
    events: (id, query) => listEvents(connection, of(id, "events"), query),
    follow: (id, query = {}) => follow(connection, of(id, "events"), query),
    deliveries: (id, query) => listDeliveries(connection, of(id, "deliveries"), query),
    live: ({ monitor }) => openLive(monitor.liveUrl, connection),
  };
}

function sayIn(connection: Connection): Calls["say"] {
  function say(id: string, text: string, options: { wait: true }): Promise<Answer<SaidView>>;
  function say(id: string, text: string, options?: { wait?: false }): Promise<Answer<undefined>>;
  function say(
    id: string,
    text: string,
    { wait = false }: { wait?: boolean } = {},
  ): Promise<Answer<SaidView | undefined>> {
    const ask = { method: "POST", path: pathOf(path, id, "messages"), body: { text } } as const;
    return wait
      ? request(connection, { ...ask, query: { wait } }, saidView)
      : request(connection, ask, nothing);
  }
  return say;
}
