import { APIConnectionError, APIConnectionTimeoutError, APIError } from "openai";
import { fieldOf, parseJson } from "../loose-json.ts";
import { type Answer, dropBody, partsOf } from "./parts.ts";

/** What a request is sent with. */
type Sent = {
  method: "POST";
  headers: Readonly<Record<string, string>>;
  body: string;
  signal: AbortSignal;
  redirect: "manual";
};

/** The `fetch` that a model server is asked with: one of ours, or the web's. */
export type Fetch = (url: URL, sent: Sent) => Promise<Answer>;

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

/** Posts a body of JSON; answers with a stream of events. Fails as the openai client does. */
export type Transport = (body: string, signal: AbortSignal) => Promise<Answer>;

/**
 * Puts our terms around a `fetch`: no redirect, no header beyond what is
 * needed (no authorization without a key), an end to every body, and a whole
 * answer in JSON turned into a stream of one. What is the same in all requests
 * is made once.
 */
export function openTransport(given: { fetch: Fetch; url: URL; apiKey: string | undefined }): Transport {
  const { fetch, url, apiKey } = given;
  const headers = {
    accept: "application/json",
    "content-type": "application/json",
    "user-agent": "Offhook",
    ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  };
  return async (body, signal) => {
    const sent: Sent = { method: "POST", headers, body, signal, redirect: "manual" };
    const { answer, text } = await read(fetch(url, sent)).catch((error: unknown) => {
      throw unconnected(error);
    });
    if (text === undefined) return answer;
    if (!isGood(answer)) throw refusalOf(answer.status, text);
    return streamOfOne(text);
  };
}

/** An answer, with its text if it is no stream. */
async function read(asked: Promise<Answer>): Promise<{ answer: Answer; text?: string }> {
  const answer = await asked;
  if (isRedirect(answer)) {
    await dropBody(answer);
    throw new RedirectRefused(`redirect (${answer.status})`);
  }
  return isGood(answer) && !isWhole(answer) ? { answer } : { answer, text: await textOf(answer) };
}

function isRedirect(answer: Answer): boolean {
  const isOpaque = "type" in answer && answer.type === "opaqueredirect";
  return isOpaque || (answer.status >= 300 && answer.status < 400);
}

function isGood({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

function isWhole({ headers }: Answer): boolean {
  return (headers.get("content-type") ?? "").includes("application/json");
}

/** There was no answer, or not all of it. */
function unconnected(error: unknown): APIConnectionError {
  const cause = error instanceof Error ? error : new Error(String(error));
  const isTimeout = /timed? ?out/iu.test(`${String(cause)} ${String(cause.cause)}`);
  if (isTimeout) return Object.assign(new APIConnectionTimeoutError(), { cause });
  return new APIConnectionError({ cause });
}

/** What the server said when it refused, as the openai client tells it. */
function refusalOf(status: number, text: string): APIError {
  const json = parseJson(text);
  if (typeof json !== "object" || json === null)
    return APIError.generate(status, undefined, text, new Headers());
  // Some servers send what is wrong without the object around it.
  const error = fieldOf(json, "error") == null ? { error: json } : json;
  return APIError.generate(status, error, undefined, new Headers());
}

/** A whole answer as a stream of one event. */
function streamOfOne(text: string): Answer {
  const value = parseJson(text);
  const event = `data: ${value === undefined ? text : JSON.stringify(value)}\n\n`;
  return { status: 200, headers: new Headers(), parts: partOf(event) };
}

async function* partOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function textOf(answer: Answer): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of partsOf(answer)) {
    bytes += part.byteLength;
    if (bytes > answerBytesMax) throw new AnswerTooLong(`more than ${answerBytesMax} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
