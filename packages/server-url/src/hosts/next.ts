import type { ServerUrl } from "../receiver.ts";

/**
 * A receiver as a route handler of Next.js (App Router). Next answers other
 * methods than POST by itself. With `after` from `next/server`, slow handlers
 * may go on after the answer.
 *
 * @example
 * // app/offhook/route.ts
 * import { after } from "next/server";
 * export const { POST } = toNext(receiver, { after });
 */
export function toNext(
  receiver: Pick<ServerUrl, "fetch">,
  { after }: { after?: (work: Promise<unknown>) => void } = {},
): { POST: (request: Request) => Promise<Response> } {
  return { POST: (request) => receiver.fetch(request, { waitUntil: after }) };
}
