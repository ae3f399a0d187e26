import { isObject, parseJson } from "../json.ts";
import type { Incoming } from "../sending/exchange.ts";
import type { Finding } from "./case.ts";
import { isAccepted, saw } from "./findings.ts";

/** What a tool answered, as the server would understand it (contract 4.3). */
type ToolAnswer = { kind: "result"; text: string } | { kind: "error"; text: string } | { kind: "nothing" };

/** Reads an answer; of a list of results, the one for this tool call. */
function readToolAnswer(body: string, toolCallId: string): ToolAnswer {
  const text = body.trim();
  const json = parseJson(text);
  if (!isObject(json)) return text === "" ? { kind: "nothing" } : { kind: "result", text };
  if (!Array.isArray(json["results"])) return readOne(json, text);
  const listed: unknown[] = json["results"];
  const mine = listed.filter(isObject).find((one) => one["toolCallId"] === toolCallId);
  return mine === undefined ? { kind: "nothing" } : readOne(mine, JSON.stringify(mine));
}

function readOne(json: Record<string, unknown>, whole: string): ToolAnswer {
  const { result, error } = json;
  if (typeof error === "string" && error !== "") return { kind: "error", text: error };
  if (Object.keys(json).length === 0) return { kind: "nothing" };
  if (result === undefined) return { kind: "result", text: whole };
  if (result === null || result === "") return { kind: "nothing" };
  return { kind: "result", text: typeof result === "string" ? result : JSON.stringify(result) };
}

/** A tool call that succeeds: 2xx with a result. */
export function hasResult(answer: Incoming, toolCallId: string): Finding {
  if (answer.kind !== "answered" || !isAccepted(answer)) return saw(answer);
  const read = readToolAnswer(answer.body, toolCallId);
  if (read.kind === "result") return undefined;
  return read.kind === "error"
    ? `it answered the error “${read.text}”`
    : `${saw(answer)}, which holds no result`;
}

/** A tool call that cannot succeed: an error that is stated, or a 4xx. */
export function hasError(answer: Incoming, toolCallId: string): Finding {
  if (answer.kind !== "answered") return saw(answer);
  if (answer.status >= 400 && answer.status <= 499) return undefined;
  const isStated = isAccepted(answer) && readToolAnswer(answer.body, toolCallId).kind === "error";
  return isStated ? undefined : saw(answer);
}

/** An answer in a list, as Vapi's `tool-calls` is answered. */
export function isListed(answer: Incoming, toolCallId: string): Finding {
  const found = hasResult(answer, toolCallId);
  if (found !== undefined || answer.kind !== "answered") return found;
  const json = parseJson(answer.body);
  return isObject(json) && Array.isArray(json["results"])
    ? undefined
    : `${saw(answer)}, which is no list of results`;
}
