import { APIError } from "openai";
import { fieldOf, textOf } from "../loose-json.ts";

/** What a server that speaks the protocol takes of it. */
export type Dialect = {
  streamOptions: "sent" | "left-out";
  /** How the schema of an answer is told. */
  answerFormat: "json_schema" | "json_object" | "prompt";
  tokenLimit: "max_tokens" | "max_completion_tokens";
  temperature: "sent" | "left-out";
  /** Mistral and its templates take ids of nine letters and digits only. */
  toolCallIds: "as-given" | "nine-characters";
};

/** What is tried first. */
const plainDialect: Dialect = {
  streamOptions: "sent",
  answerFormat: "json_schema",
  tokenLimit: "max_tokens",
  temperature: "sent",
  toolCallIds: "as-given",
};

/** So many times one request is put in other words before its refusal stands. */
export const adaptationsMax = 5;

/**
 * The dialect to try after a refusal that names what was not liked;
 * `undefined` when nothing of ours was named. `hasSchema`: the request asked
 * for a structured answer.
 */
export function adapt(dialect: Dialect, error: unknown, hasSchema: boolean): Dialect | undefined {
  if (!(error instanceof APIError)) return undefined;
  const named =
    `${error.param ?? ""} ${error.message} ${textOf(fieldOf(error.error, "message"))}`.toLowerCase();
  // Templates of llama.cpp raise it as a fault of the server.
  if (dialect.toolCallIds === "as-given" && /tool call ids?\b.*\blength (?:of )?9\b/u.test(named))
    return { ...dialect, toolCallIds: "nine-characters" };
  if (error.status !== 400 && error.status !== 422) return undefined;
  if (dialect.streamOptions === "sent" && /stream_options|include_usage/u.test(named))
    return { ...dialect, streamOptions: "left-out" };
  if (
    hasSchema &&
    dialect.answerFormat !== "prompt" &&
    /response_?format|json_?(?:schema|object)|structured output/u.test(named)
  )
    return { ...dialect, answerFormat: dialect.answerFormat === "json_schema" ? "json_object" : "prompt" };
  if (dialect.tokenLimit === "max_tokens" && named.includes("max_completion_tokens"))
    return { ...dialect, tokenLimit: "max_completion_tokens" };
  if (
    dialect.temperature === "sent" &&
    /temperature/u.test(named) &&
    /support|allow|permit|extra/u.test(named)
  )
    return { ...dialect, temperature: "left-out" };
  return undefined;
}

/** The dialects found out, by server and model, so that each is found out once. */
export type Dialects = { of(server: string): Dialect; learn(server: string, dialect: Dialect): void };

/** Remembers at most `dialectsMax` dialects; the oldest goes first. */
export function openDialects(dialectsMax = 500): Dialects {
  const known = new Map<string, Dialect>();
  return {
    of: (server) => known.get(server) ?? plainDialect,
    learn(server, dialect) {
      if (known.get(server) === dialect || (dialect === plainDialect && !known.has(server))) return;
      known.delete(server);
      known.set(server, dialect);
      const oldest = known.keys().next();
      if (known.size > dialectsMax && oldest.done !== true) known.delete(oldest.value);
    },
  };
}
