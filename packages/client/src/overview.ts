import { overview, type Overview } from "@offhook/protocol";
import type { Answer } from "./answer.ts";
import { type Connection, request } from "./request.ts";

/** How the calls of the last minutes go (60 if not said, at most 1,440), and how the application is told of them. */
export type ReadOverview = (query?: { minutes?: number }) => Promise<Answer<Overview>>;

export function openOverview(connection: Connection): ReadOverview {
  return (query) => request(connection, { path: "/events/v1/overview", query }, overview);
}
