import type { Host } from "../incoming.ts";
import type { ServerUrl } from "../receiver.ts";

/** The part of a Hono context that is used here; `Context` fits. */
export type HonoLike = { req: { raw: Request }; readonly executionCtx: ExecutionContextLike };
type ExecutionContextLike = { waitUntil(work: Promise<unknown>): void };

/**
 * A receiver as a handler of Hono 4, wherever it runs. Where Hono has an
 * execution context (Workers), slow handlers may go on after the answer; on
 * Node give `lastingHost` as the second argument for the same.
 *
 * @example
 * app.all("/offhook", toHono(receiver));
 */
export function toHono(
  receiver: Pick<ServerUrl, "fetch">,
  host?: Host,
): (context: HonoLike) => Promise<Response> {
  return (context) => receiver.fetch(context.req.raw, host ?? hostOf(context));
}

/** Hono throws where there is no execution context. */
function hostOf(context: HonoLike): Host {
  try {
    const { executionCtx } = context;
    return { waitUntil: (work) => executionCtx.waitUntil(work) };
  } catch {
    return {};
  }
}
