import {
  type AuthMode,
  eventView,
  type EventView,
  type Format,
  pageOf,
  sampleTrial,
  type SampleTrial,
  type SampleType,
} from "@offhook/protocol";
import type { Answer } from "./answer.ts";
import { follow, type FollowQuery } from "./follow.ts";
import { type Connection, request } from "./request.ts";

/** Where a list of events goes on (0: at its beginning), and how many to give at most (1 to 500; 100 if not said). */
export type EventsQuery = { after?: number; limit?: number };

/** Events in order. */
export type EventsPage = {
  data: EventView[];
  /** What `after` takes to go on from here. */
  next: number;
  /** Whether there are more already. */
  more: boolean;
};

/** Everything that happens in all calls of the team, in the order in which it was written. */
export type Events = {
  list(query?: EventsQuery): Promise<Answer<EventsPage>>;
  /**
   * Follows what happens, from `after` on, until the signal says stop or the
   * loop is left. It connects again by itself and goes on from the last cursor:
   * nothing is left out, nothing comes twice. Each turn of the loop is an
   * event; only the last may be a problem, when it is refused (as with
   * `unauthorized`) or has failed ten times in a row.
   *
   * @example
   * for await (const event of client.events.follow({ after: known })) {
   *   if (!event.ok) return console.error(event.problem.detail);
   *   known = event.value.cursor;
   * }
   */
  follow(query?: FollowQuery): AsyncIterable<Answer<EventView>>;
  /** Sends a sample event to a Server URL, once; answers what was sent and what came of it. */
  sendSample(sample: SampleInput): Promise<Answer<SampleTrial>>;
};

/** Where a sample event goes, and how: as an assistant's `assistantServer` has it. */
export type SampleInput = {
  url: string;
  /** `function-call` calls a tool `offhookCheck`, which no application has. */
  type?: SampleType | undefined;
  secret?: string | undefined;
  headers?: Record<string, string> | undefined;
  format?: Format | undefined;
  auth?: AuthMode | undefined;
  /** 20 if not said. */
  timeoutSeconds?: number | undefined;
};

const path = "/events/v1/events";

export function openEvents(connection: Connection): Events {
  return {
    list: (query) => listEvents(connection, path, query),
    follow: (query = {}) => follow(connection, path, query),
    sendSample: (body) => request(connection, { method: "POST", path: "/events/v1/test", body }, sampleTrial),
  };
}

const eventsPage = pageOf(eventView)
  .pick({ data: true })
  .extend({ next: eventView.shape.cursor })
  .loose()
  .transform(({ data, next, more }) => ({ data, next, more: more === true }));

export function listEvents(
  connection: Connection,
  from: string,
  query?: EventsQuery,
): Promise<Answer<EventsPage>> {
  return request(connection, { path: from, query }, eventsPage);
}
