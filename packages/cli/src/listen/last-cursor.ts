import type { Client } from "@offhook/client";
import { type Failure, failureOf } from "../failure.ts";

const pageMax = 500;
const nothing = { data: [], next: 0, more: false };

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
    // A cursor that the server has not come to is refused.
    if (!answer.ok && (answer.problem.code !== "invalid" || after === near)) return failureOf(answer.problem);
    const { data, next, more } = answer.ok ? answer.value : nothing;
    if (data.length > 0 && !more) return next;
    if (data.length === 0 && after === near) return near;
    if (data.length === 0) far = after;
    else near = next;
  }
}
