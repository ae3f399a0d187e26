import { APIError } from "openai";
import type { ModelFailure } from "../../model.ts";
import { cut, fieldOf, textOf } from "../loose-json.ts";
import { again, connectionFailure, fail } from "./connection-failure.ts";

/** At most so many characters of a server's own words are passed on. */
const serverWordsMax = 300;

/** What an error has to be told against. */
export type FailureContext = { provider: string; apiKey: string | undefined };

/** What of the client's error is read; its own type holds `any`. */
type ApiError = {
  status?: number | undefined;
  code?: string | null | undefined;
  error?: unknown;
  message: string;
};

/**
 * Says in a sentence what went wrong, and whether trying again can help.
 * Holds neither the key nor an address: failures go into payloads.
 */
export function failureOf(error: unknown, context: FailureContext): ModelFailure {
  const { provider } = context;
  const unconnected = connectionFailure(error, provider);
  if (unconnected !== undefined) return unconnected;
  if (error instanceof APIError) return refused(error, context);
  if (error instanceof SyntaxError)
    return fail("bad-answer", `The ${provider} model server sent something that is not JSON.`, again);
  return fail(
    "unreachable",
    `The connection to the ${provider} model server broke in the middle of its answer.`,
    again,
  );
}

/** A wait that was given up. */
export function timeoutFailure(provider: string, wait: "first-content" | "total"): ModelFailure {
  const what = {
    "first-content": "accepted the request but began no answer in time",
    total: "did not finish its answer in time",
  }[wait];
  return fail("timeout", `The ${provider} model server ${what}.`, again);
}

/** An answer in which there is nothing to say and nothing to do. */
export function emptyFailure(provider: string, finishReason: string | undefined): ModelFailure {
  if (finishReason === "content_filter")
    return fail("refused", `The ${provider} model server withheld the answer: its content filter objected.`);
  if (finishReason === "length")
    return fail(
      "empty",
      `The ${provider} model used up its tokens before its first word. Raise assistantMaxTokens.`,
    );
  return fail("empty", `The ${provider} model server answered with nothing.`, again);
}

/** An answer that stopped inside a tool call. */
export function brokenOffFailure(provider: string): ModelFailure {
  return fail("bad-answer", `The ${provider} model server stopped in the middle of a tool call.`, again);
}

/** What a status says of the model server; statuses that are not here are 5xx or any other refusal. */
const statuses: Record<number, { code: ModelFailure["code"]; retryable: boolean; sentence: string }> = {
  404: { code: "bad-request", retryable: false, sentence: "knows no such model, or nothing at this address" },
  408: { code: "unreachable", retryable: true, sentence: "was not ready" },
  409: { code: "unreachable", retryable: true, sentence: "was not ready" },
  425: { code: "unreachable", retryable: true, sentence: "was not ready" },
  429: { code: "rate-limited", retryable: true, sentence: "takes no more requests for now" },
  502: { code: "unreachable", retryable: true, sentence: "is not available" },
  503: { code: "unreachable", retryable: true, sentence: "is not available" },
  504: { code: "unreachable", retryable: true, sentence: "is not available" },
  529: { code: "unreachable", retryable: true, sentence: "is overloaded" },
};

function refused(error: ApiError, context: FailureContext): ModelFailure {
  const status = error.status ?? statusIn(error.error);
  const begin = `The ${context.provider} model server`;
  const end = serverWords(error, context);
  if (status === undefined)
    return fail("bad-answer", `${begin} reported an error in its answer${end}`, again);
  // Its own words on a key hold parts of the key.
  if (status === 401 || status === 403) {
    const advice =
      context.apiKey === undefined
        ? "No key is set for it."
        : "Check that its key is right and may use this model.";
    return fail("refused", `${begin} refused to let us in (${status}). ${advice}`, { status });
  }
  const known = statuses[status];
  if (known !== undefined) {
    const retryable = known.retryable && error.code !== "insufficient_quota";
    return fail(known.code, `${begin} ${known.sentence} (${status})${end}`, { retryable, status });
  }
  if (status >= 500) return fail("bad-answer", `${begin} failed (${status})${end}`, { ...again, status });
  return fail("bad-request", `${begin} refused the request (${status})${end}`, { status });
}

/** OpenRouter and others put the status into an error that comes inside the stream. */
function statusIn(error: unknown): number | undefined {
  const code = fieldOf(error, "code") ?? fieldOf(error, "status");
  return typeof code === "number" && code >= 400 && code < 600 ? code : undefined;
}

/** The server's own words, without key and addresses, as the end of our sentence. */
function serverWords(error: ApiError, { apiKey }: FailureContext): string {
  const whole = error.message.replace(/^\d{3} /u, "");
  const given = textOf(fieldOf(error.error, "message")) || textOf(error.error) || whole;
  const withoutKey = apiKey === undefined ? given : given.replaceAll(apiKey, "[key]");
  const safe = withoutKey.replaceAll(/\bhttps?:\/\/\S+/giu, "[address]").replaceAll(/\s+/gu, " ");
  const words = cut(safe.trim(), serverWordsMax);
  return words === "" || words.includes("status code (no body)") ? "." : `: ${words}`;
}
