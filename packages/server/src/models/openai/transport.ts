import type { ClientOptions } from "openai";
import { parseJson } from "../loose-json.ts";

/** The `fetch` that the openai client is given. */
export type Fetch = NonNullable<ClientOptions["fetch"]>;

/** An answer that redirects: following it would lead past every check of the address. */
export class RedirectRefused extends Error {
  override readonly name = "RedirectRefused";
}

/** An answer of more than {@link answerBytesMax}. */
export class AnswerTooLong extends Error {
  override readonly name = "AnswerTooLong";
}

/** No model says so much in one reply; beyond it the connection is cut. */
export const answerBytesMax = 8 * 1024 * 1024;

/** The client adds headers of its own, from the environment too; only these leave. */
const headersSent = ["accept", "authorization", "content-type"] as const;

/**
 * Puts our terms around a `fetch`: no redirect, no header beyond what is
 * needed (no authorization without a key), an end to every body, and a whole
 * answer in JSON turned into a stream of one.
 */
export function openTransport(fetch: Fetch, hasKey: boolean): Fetch {
  return async (input, init) => {
    const given = new Headers(init?.headers);
    const headers = new Headers({ "user-agent": "Offhook" });
    for (const name of headersSent) {
      const value = given.get(name);
      if (value !== null && (hasKey || name !== "authorization")) headers.set(name, value);
    }
    const response = await fetch(input, { ...init, headers, redirect: "manual" });
    if (response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400)) {
      await response.body?.cancel();
      throw new RedirectRefused(`redirect (${response.status})`);
    }
    return bounded(response);
  };
}

async function bounded(response: Response): Promise<Response> {
  let bytes = 0;
  const count = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(part, controller) {
      bytes += part.byteLength;
      if (bytes > answerBytesMax) controller.error(new AnswerTooLong(`more than ${answerBytesMax} bytes`));
      else controller.enqueue(part);
    },
  });
  const { status, headers } = response;
  const within = new Response(response.body?.pipeThrough(count) ?? null, { status, headers });
  const isWhole = response.ok && (headers.get("content-type") ?? "").includes("application/json");
  if (!isWhole) return within;
  const text = await within.text();
  const value = parseJson(text);
  return new Response(`data: ${value === undefined ? text : JSON.stringify(value)}\n\n`, { status });
}
