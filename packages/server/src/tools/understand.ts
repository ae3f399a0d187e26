import { STATUS_CODES } from "node:http";
import type { Json, JsonObject, ToolOutcome } from "@offhook/protocol";
import { fieldOf, isObject, parseJson } from "./json.ts";
import { isHtml, readBody, titleOf, type ToolAnswer } from "./understand-body.ts";

/** So many characters of an answer's text are told to the model when it is not a result. */
export const quoteCharactersMax = 500;

/** Which tool call was asked: its ids are looked for in an answer with several results. */
export type Asked = { name: string; toolCallId: string; modelCallId: string };

/** Reads what a tool answered (contract 4.3). Every answer becomes a result or a stated error; none is dropped. */
export function understand(answer: ToolAnswer, asked: Asked): ToolOutcome {
  const body = readBody(answer);
  if (answer.status < 200 || answer.status > 299)
    return badStatus(answer, asked, body.kind === "unreadable" ? "" : body.text);
  if (body.kind === "unreadable") return failure("unreadable", `${asked.name} answered ${body.fault}.`);
  if (body.kind === "html") return htmlPage(asked, body.text);
  if (body.text.trim() === "") return { kind: "result", result: null, understoodAs: "empty" };
  const parsed = parseJson(body.text);
  if (parsed.kind === "json") return fromJson(parsed.value, asked);
  const lines = jsonLines(body.text);
  if (lines !== undefined) return { kind: "result", result: lines, understoodAs: "other-json" };
  return { kind: "result", result: body.text.trim(), understoodAs: "plain-text" };
}

/** An error that the model can speak about. */
export function failure(code: string, error: string): ToolOutcome {
  return { kind: "error", code, error };
}

function fromJson(value: Json, asked: Asked): ToolOutcome {
  if (!isObject(value)) return { kind: "result", result: value, understoodAs: "other-json" };
  const entries = entriesOf(fieldOf(value, "results"));
  if (entries !== undefined) return fromList(entries, asked);
  const result = fieldOf(value, "result");
  const error = errorText(value);
  if (error !== undefined && (result === undefined || result === null)) return failure("error-field", error);
  if (result === undefined) return { kind: "result", result: value, understoodAs: "other-json" };
  return fromResult(result);
}

function fromResult(result: Json): ToolOutcome {
  if (typeof result !== "string") return { kind: "result", result, understoodAs: "result-json" };
  const inner = /^\s*[[{]/u.test(result) ? parseJson(result) : undefined;
  if (inner?.kind === "json")
    return { kind: "result", result: inner.value, understoodAs: "result-json-text" };
  return { kind: "result", result, understoodAs: "result-text" };
}

/** The entries of a list of results; `undefined` when `results` is a tool's own field of that name. */
function entriesOf(results: Json | undefined): JsonObject[] | undefined {
  if (!Array.isArray(results)) return undefined;
  const entries = results
    .filter(isObject)
    .filter((entry) => ["toolCallId", "result", "error"].some((name) => Object.hasOwn(entry, name)));
  return entries.length > 0 ? entries : undefined;
}

function fromList(entries: readonly JsonObject[], asked: Asked): ToolOutcome {
  const ids = [asked.toolCallId, asked.modelCallId];
  const mine = entries.find((entry) => ids.some((id) => fieldOf(entry, "toolCallId") === id));
  const entry = mine ?? (entries.length === 1 ? entries[0] : undefined);
  if (entry === undefined) {
    const known = entries
      .map((one) => fieldOf(one, "toolCallId"))
      .map((id) => (typeof id === "string" ? id : "none"));
    const detail = `${asked.name} answered with results for ${known.slice(0, 5).join(", ")}, but not for ${asked.toolCallId}.`;
    return failure("wrong-tool-call-id", detail);
  }
  const result = fieldOf(entry, "result") ?? null;
  const error = errorText(entry);
  if (error !== undefined && result === null) return failure("results-list-error", error);
  const read = fromResult(result);
  return read.kind === "result" ? { ...read, understoodAs: "results-list" } : read;
}

/** What an `error` field says; `undefined` when there is none, or it says that there was no error. */
function errorText(object: JsonObject): string | undefined {
  const error = fieldOf(object, "error");
  if (error === undefined || error === null || error === false || error === "") return undefined;
  const inner = isObject(error) ? fieldOf(error, "message") : error;
  const beside = fieldOf(object, "message");
  if (typeof inner === "string") return inner;
  return error === true && typeof beside === "string" ? beside : JSON.stringify(error);
}

function badStatus({ status, headers }: ToolAnswer, asked: Asked, text: string): ToolOutcome {
  const name = STATUS_CODES[status];
  const start = `${asked.name} answered ${status}${name === undefined ? "" : ` ${name}`}`;
  const location = headers["location"];
  if (status >= 300 && status < 400 && location !== undefined) {
    return failure("bad-status", `${start}, a redirect to ${location}, and redirects are not followed.`);
  }
  const parsed = parseJson(text);
  const said = parsed.kind === "json" && isObject(parsed.value) ? errorText(parsed.value) : undefined;
  const words = (said ?? (isHtml(text) ? titleOf(text) : text)).trim();
  return failure("bad-status", words === "" ? `${start}.` : `${start}: ${quote(words)}`);
}

function htmlPage(asked: Asked, text: string): ToolOutcome {
  const title = titleOf(text);
  const what = title === "" ? "a web page" : `a web page (“${quote(title)}”)`;
  return failure(
    "html-page",
    `${asked.name} answered with ${what} instead of a result: its URL may be wrong.`,
  );
}

function quote(text: string): string {
  return text.length <= quoteCharactersMax ? text : `${text.slice(0, quoteCharactersMax)}…`;
}

/** The values of newline-delimited JSON; `undefined` when the text is something else. */
function jsonLines(text: string): Json[] | undefined {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length < 2 || !lines.every((line) => /^\s*[[{]/u.test(line))) return undefined;
  const values = lines.map(parseJson);
  const read = values.flatMap((value) => (value.kind === "json" ? [value.value] : []));
  return read.length === values.length ? read : undefined;
}
