import { type Calls, openCalls } from "./calls.ts";
import { type Deliveries, openDeliveries } from "./deliveries.ts";
import { type Events, openEvents } from "./events.ts";
import { type ApiKeys, openKeys } from "./keys.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { type Listening, openListening } from "./listening.ts";
import {
  type AssistantInput,
  type NumberInput,
  openRotating,
  openShelf,
  openTrying,
  type Rotating,
  type Shelf,
  type ToolInput,
  type Trying,
} from "./shelf.ts";
import { openOverview, type ReadOverview } from "./overview.ts";
import { openSession, type SessionDoor } from "./session.ts";
import type { SocketMaker } from "./socket.ts";

export type { Answer, ClientFault } from "./answer.ts";
export type { Calls, CallsQuery, ConnectInput } from "./calls.ts";
export type { Deliveries, DeliveriesQuery, DeliveryWithAttempts, RedeliverQuery } from "./deliveries.ts";
export type {
  Events,
  EventsPage,
  EventsQuery,
  SampleInput,
  SampleToAssistant,
  SampleToUrl,
} from "./events.ts";
export type { FollowQuery } from "./follow.ts";
export type { ApiKeys } from "./keys.ts";
export { defaultLimits, type Limits } from "./limits.ts";
export type { Listening, ListenQuery } from "./listening.ts";
export type { LiveSession } from "./live.ts";
export type { ReadOverview } from "./overview.ts";
export type { SessionDoor } from "./session.ts";
export type { SocketLike, SocketMaker } from "./socket.ts";
export type {
  AssistantInput,
  Kept,
  NumberInput,
  PageQuery,
  RotateInput,
  Rotating,
  Shelf,
  ToolInput,
  Trying,
} from "./shelf.ts";

export type ClientOptions = {
  /** Where the server is, such as `http://127.0.0.1:4600`. */
  url: string;
  /** An API key; left out in a page of the server's own origin, where the cookie of a session stands for it. */
  apiKey?: string;
  /** In place of the global `fetch`. */
  fetch?: typeof fetch;
  /** In place of the global `WebSocket`, which Node has from 22 on; that of `ws` fits. */
  WebSocket?: SocketMaker;
  limits?: Partial<Limits>;
};

const assistants = "/assistants/v1/assistants";
const tools = "/assistants/v1/tools";

/** An Offhook server, as its HTTP API gives it. */
export type Client = {
  assistants: Shelf<AssistantInput> & Rotating;
  tools: Shelf<ToolInput> & Rotating & Trying;
  numbers: Shelf<NumberInput>;
  calls: Calls;
  events: Events;
  deliveries: Deliveries;
  listening: Listening;
  keys: ApiKeys;
  session: SessionDoor;
  overview: ReadOverview;
};

/**
 * Makes a client of an Offhook server. Nothing is asked until a method is
 * called. Every method answers a value or a problem ({@link Answer}), each try
 * within 70 seconds; what the server says it has not done, and what may be done
 * twice, is tried again up to twice. Streams and live sessions last. It needs
 * `fetch`, and `WebSocket` for live sessions, as Node 22, Deno, Bun and browsers
 * have them.
 *
 * Throws a TypeError for a `url` that is none.
 *
 * @example
 * const client = offhook({ url: "http://127.0.0.1:4600", apiKey });
 * const call = await client.calls.connect({ assistantId, callType: "chat" });
 * if (!call.ok) throw new Error(call.problem.detail);
 * const reply = await client.calls.say(call.value.id, "Hello!", { wait: true });
 */
export function offhook({
  url,
  apiKey,
  fetch = globalThis.fetch.bind(globalThis),
  WebSocket = globalThis.WebSocket,
  limits,
}: ClientOptions): Client {
  if (!/^https?:$/u.test(new URL(url).protocol))
    throw new TypeError(`${url} is not an http or https address`);
  const connection = {
    url: url.replace(/\/+$/u, ""),
    ...(apiKey === undefined ? {} : { apiKey }),
    fetch,
    WebSocket,
    limits: { ...defaultLimits, ...limits },
  };
  return {
    assistants: {
      ...openShelf<AssistantInput>(connection, assistants),
      ...openRotating(connection, assistants),
    },
    tools: {
      ...openShelf<ToolInput>(connection, tools),
      ...openRotating(connection, tools),
      ...openTrying(connection, tools),
    },
    numbers: openShelf(connection, "/assistants/v1/numbers"),
    calls: openCalls(connection),
    events: openEvents(connection),
    deliveries: openDeliveries(connection),
    listening: openListening(connection),
    keys: openKeys(connection),
    session: openSession(connection),
    overview: openOverview(connection),
  };
}
