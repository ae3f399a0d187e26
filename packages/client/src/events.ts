import {
  type AuthMode,
  eventView,
  type EventView,
  type Format,
  pageOf,
  sampleTrial,
  type SampleTrial,
  type SampleType,
  type ServerTls,
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
  /**
   * Sends a sample event, once, to a URL or to the Server URL of a stored
   * assistant; answers what was sent and what came of it.
   *
   * @example
   * await client.events.sendSample({ assistantId, type: "hang" });
   */
  sendSample(sample: SampleInput): Promise<Answer<SampleTrial>>;
};

/** Where a sample event goes, and how. `function-call` calls a tool `offhookCheck`, which no application has. */
export type SampleInput = { type?: SampleType | undefined } & (SampleToUrl | SampleToAssistant);

/** To the Server URL of a stored assistant, with all that is kept for it, the secret included. */
export type SampleToAssistant = {
  assistantId: string;
  /** How its server is to be for this once, as a PATCH of it. Its `url` cannot be another. */
  assistantServer?: Readonly<Record<string, unknown>> | undefined;
};

/** To any URL, as an assistant's `assistantServer` would have it. */
export type SampleToUrl = {
  url: string;
  secret?: string | undefined;
  headers?: Record<string, string> | undefined;
  format?: Format | undefined;
  auth?: AuthMode | undefined;
  /** 20 if not said. */
  timeoutSeconds?: number | undefined;
  tls?: ServerTls | undefined;
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
