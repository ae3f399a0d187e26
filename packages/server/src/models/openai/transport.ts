import type { ClientOptions } from "openai";
import { parseJson } from "../loose-json.ts";
import { dropBody, partsOf } from "./parts.ts";

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
    const isRedirect =
      response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400);
    if (isRedirect) {
      await dropBody(response);
      throw new RedirectRefused(`redirect (${response.status})`);
    }
    return response.ok && !isWhole(response) ? response : readWhole(response);
  };
}

function isWhole({ headers }: Response): boolean {
  return (headers.get("content-type") ?? "").includes("application/json");
}

/** A refusal with its words in it, or a whole answer as a stream of one. */
async function readWhole(response: Response): Promise<Response> {
  const text = await textOf(response);
  const { ok, status, headers } = response;
  if (!ok) return new Response(text === "" ? null : text, { status, headers });
  const value = parseJson(text);
  return new Response(`data: ${value === undefined ? text : JSON.stringify(value)}\n\n`, { status });
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of partsOf(response)) {
    bytes += part.byteLength;
    if (bytes > answerBytesMax) throw new AnswerTooLong(`more than ${answerBytesMax} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
