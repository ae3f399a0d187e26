import {
  attempt,
  type Attempt,
  delivery,
  type Delivery,
  type DeliveryState,
  jsonObject,
  manySentAgain,
  type ManySentAgain,
  type Page,
  pageOf,
  type RedeliverBody,
  type TellType,
} from "@offhook/protocol";
import type { Answer } from "./answer.ts";
import { everyItem } from "./pages.ts";
import { type Connection, pathOf, request } from "./request.ts";
import type { PageQuery } from "./shelf.ts";

/** Which events are meant. Dates are ISO 8601 and bound the happening that is told, both included. */
type Chosen = {
  type?: TellType | undefined;
  assistantId?: string | undefined;
  startDate?: string | undefined;
  endDate?: string | undefined;
};

/** `before` is the id of an event and goes on behind it, also when new ones have come; then leave `page` out. */
export type DeliveriesQuery = PageQuery &
  Chosen & { state?: DeliveryState | undefined; before?: string | undefined };

/** What is sent again: dead letters, if no other state is named. */
export type RedeliverQuery = Chosen & { state?: RedeliverBody["state"] };

/** An event on its way, with its attempts, oldest first: request, answer and times; secrets are masked. */
export type DeliveryWithAttempts = Delivery & { attemptLog: Attempt[] };

/** What became of the events for Server URLs. Times are epoch ms. */
export type Deliveries = {
  /** The newest first; `state: "dead"` lists what was given up, each with its reason. */
  list(query?: DeliveriesQuery): Promise<Answer<Page<Delivery>>>;
  /** The same over all pages, one delivery a turn; only the last turn may be a problem. */
  each(query?: DeliveriesQuery): AsyncIterable<Answer<Delivery>>;
  /** By the event's id (`evt_…`). Refused with `not-found`. */
  get(id: string): Promise<Answer<DeliveryWithAttempts>>;
  /**
   * Sends an event again, or, by the id of a call, all its dead letters in
   * order. Answers the ids of what is sent again. Refused with `not-found`.
   */
  redeliver(id: string): Promise<Answer<{ events: string[] }>>;
  /**
   * Sends many events again, at most 10,000 at a time, the newest first, each
   * call's in their order. Answers how many, of how many calls, and whether
   * there are more. Refused with `invalid`.
   */
  redeliverMany(query?: RedeliverQuery): Promise<Answer<ManySentAgain>>;
};

const path = "/events/v1/deliveries";
const withAttempts = delivery.extend({ attemptLog: attempt.array() });
const sentAgain = jsonObject.transform(({ events }) => ({
  events: Array.isArray(events) ? events.map(String) : [],
}));

export function openDeliveries(connection: Connection): Deliveries {
  const list: Deliveries["list"] = (query) => listDeliveries(connection, path, query);
  return {
    list,
    each: (query = {}) => everyItem(list, query),
    get: (id) => request(connection, { path: pathOf(path, id) }, withAttempts),
    redeliver: (id) =>
      request(connection, { method: "POST", path: pathOf(path, id, "redeliver") }, sentAgain),
    redeliverMany: (query = {}) =>
      request(connection, { method: "POST", path: `${path}/redeliver`, body: query }, manySentAgain),
  };
}

export function listDeliveries(
  connection: Connection,
  from: string,
  query?: DeliveriesQuery,
): Promise<Answer<Page<Delivery>>> {
  return request(connection, { path: from, query }, pageOf(delivery));
}
