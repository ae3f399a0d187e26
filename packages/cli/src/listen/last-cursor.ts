import type { Client } from "@offhook/client";
import { type Failure, failureOf } from "../failure.ts";

const pageMax = 500;

/**
 * The cursor of the last event there is: the list is asked for at ever greater
 * distances, and then between those, so that a million events take some twenty
 * requests.
 */
export async function lastCursor(client: Pick<Client, "events">): Promise<number | Failure> {
  let near = 0;
  let far = Number.POSITIVE_INFINITY;
  for (;;) {
    const after = far === Number.POSITIVE_INFINITY ? near * 2 : Math.floor((near + far) / 2);
    const answer = await client.events.list({ after, limit: pageMax });
    if (!answer.ok) return failureOf(answer.problem);
    const { data, next, more } = answer.value;
    if (data.length > 0 && !more) return next;
    if (data.length === 0 && after === near) return near;
    if (data.length === 0) far = after;
    else near = next;
  }
}
