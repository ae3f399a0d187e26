import { type Calls, openCalls } from "./calls.ts";
import { type Deliveries, openDeliveries } from "./deliveries.ts";
import { type Events, openEvents } from "./events.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import {
  openOverview,
  openSecrets,
  openTrials,
  type ReadOverview,
  type Secrets,
  type Trials,
} from "./trials.ts";
import { openSession, type SessionDoor } from "./session.ts";
import { type AssistantInput, type NumberInput, openShelf, type Shelf, type ToolInput } from "./shelf.ts";

export type { Answer, ClientFault } from "./answer.ts";
export type { Calls, CallsQuery, ConnectInput } from "./calls.ts";
export type { Deliveries, DeliveriesQuery, DeliveryWithAttempts, RedeliverQuery } from "./deliveries.ts";
export type { Events, EventsPage, EventsQuery } from "./events.ts";
export type { FollowQuery } from "./follow.ts";
export { defaultLimits, type Limits } from "./limits.ts";
export type { LiveSession } from "./live.ts";
export type { SessionDoor } from "./session.ts";
export type { ReadOverview, RotateInput, SampleInput, Secrets, Trials } from "./trials.ts";
export type { AssistantInput, Kept, NumberInput, PageQuery, Shelf, ToolInput } from "./shelf.ts";

export type ClientOptions = {
  /** Where the server is, such as `http://127.0.0.1:4600`. */
  url: string;
  /** An API key; left out in a page of the server's own origin, where the cookie of a session stands for it. */
  apiKey?: string;
  /** In place of the global `fetch`. */
  fetch?: typeof fetch;
  limits?: Partial<Limits>;
};

/** An Offhook server, as its HTTP API gives it. */
export type Client = {
  assistants: Shelf<AssistantInput>;
  tools: Shelf<ToolInput>;
  numbers: Shelf<NumberInput>;
  calls: Calls;
  events: Events;
  deliveries: Deliveries;
  session: SessionDoor;
  trials: Trials;
  secrets: Secrets;
  overview: ReadOverview;
};

/**
 * Makes a client of an Offhook server. Nothing is asked until a method is
 * called. Every method answers a value or a problem ({@link Answer}) within 70
 * seconds and asks once; streams and live sessions last. It needs `fetch` and
 * `WebSocket`, as Node 22, Deno, Bun and browsers have them.
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
  limits,
}: ClientOptions): Client {
  if (!/^https?:$/u.test(new URL(url).protocol))
    throw new TypeError(`${url} is not an http or https address`);
  const connection = {
    url: url.replace(/\/+$/u, ""),
    ...(apiKey === undefined ? {} : { apiKey }),
    fetch,
    limits: { ...defaultLimits, ...limits },
  };
  return {
    assistants: openShelf(connection, "/assistants/v1/assistants"),
    tools: openShelf(connection, "/assistants/v1/tools"),
    numbers: openShelf(connection, "/assistants/v1/numbers"),
    calls: openCalls(connection),
    events: openEvents(connection),
    deliveries: openDeliveries(connection),
    session: openSession(connection),
    trials: openTrials(connection),
    secrets: openSecrets(connection),
    overview: openOverview(connection),
  };
}
