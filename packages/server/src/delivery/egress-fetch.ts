import { type Dispatcher, fetch as undiciFetch, type RequestInit as UndiciInit } from "undici";
import { ForbiddenError } from "./egress-failure.ts";
import { checkUrl } from "./guard.ts";
import type { GuardRules } from "./guard-allow.ts";

/** What an answer to a `fetch` may take on the wire, in ms; the client that asks has limits of its own. */
export const fetchTimes = { headersMsMax: 300_000, silenceMsMax: 120_000 } as const;

/** Statuses whose answers have no body, not even an empty one (Fetch, 2.2.3). */
const bodiless = new Set([204, 205, 304]);

/** Undici cancels the body of an answer of its own that nobody holds; whoever holds ours holds it too. */
const originals = new WeakMap<Response, object>();

/**
 * Makes a `fetch` for clients that bring their own requests, such as a
 * model's: it connects only where the guard allows, follows no redirect and
 * asks for no compression. It takes a URL and a body of text, and rejects with
 * a {@link ForbiddenError}, or with a `TypeError` that has it as `cause`.
 */
export function guardedFetch(of: { rules: GuardRules; dispatcher: Dispatcher }): typeof fetch {
  return async (input, init = {}) => {
    const { method = "GET", body = null, signal = null } = init;
    if (input instanceof Request) throw new TypeError("the guarded fetch takes a URL, not a Request");
    if (body !== null && typeof body !== "string")
      throw new TypeError("the guarded fetch takes a body of text");
    const checked = checkUrl(String(input), of.rules);
    if (checked.kind === "refused") throw new ForbiddenError(checked);
    const headers = new Headers(init.headers);
    if (!headers.has("accept-encoding")) headers.set("accept-encoding", "identity");
    const sent: UndiciInit = { method, body, signal, headers: [...headers], redirect: "manual" };
    const answer = await undiciFetch(checked.url, { ...sent, dispatcher: of.dispatcher });
    const { status, statusText } = answer;
    const stream = answer.body instanceof ReadableStream && !bodiless.has(status) ? answer.body : null;
    const response = new Response(stream, { status, statusText, headers: [...answer.headers] });
    originals.set(response, answer);
    return response;
  };
}
