import type { ModelUsage } from "@offhook/protocol";
import { fieldOf, itemsOf, textOf } from "../loose-json.ts";

/** A piece of a tool call; what the server left out is `undefined` or `""`. */
export type CallPiece = { index: number | undefined; id: string; name: string; arguments: string };

/** What one chunk of a streamed chat completion holds. */
export type Pieces = {
  text: string;
  calls: readonly CallPiece[];
  finishReason: string | undefined;
  usage: ModelUsage | undefined;
};

/**
 * Reads a raw chunk without trusting it. Takes the first choice only, and its
 * `message` where a server answered whole instead of in deltas.
 */
export function readChunk(chunk: unknown): Pieces {
  const choice = fieldOf(fieldOf(chunk, "choices"), 0);
  const delta = fieldOf(choice, "delta") ?? fieldOf(choice, "message");
  return {
    text: readText(fieldOf(delta, "content")) + textOf(fieldOf(delta, "refusal")),
    calls: readCalls(delta),
    finishReason: textOf(fieldOf(choice, "finish_reason")) || undefined,
    usage: readUsage(fieldOf(chunk, "usage")),
  };
}

/** Content is a text, or (Mistral) a list of parts of which only texts are content. */
function readText(content: unknown): string {
  if (typeof content === "string") return content;
  return itemsOf(content)
    .map((part) => (fieldOf(part, "type") === "text" ? textOf(fieldOf(part, "text")) : ""))
    .join("");
}

function readCalls(delta: unknown): CallPiece[] {
  const calls = itemsOf(fieldOf(delta, "tool_calls"));
  const old = fieldOf(delta, "function_call");
  const given = calls.length === 0 && old != null ? [{ function: old }] : calls;
  return given.filter((call) => typeof call === "object" && call !== null).map(readCall);
}

function readCall(call: unknown): CallPiece {
  const index = fieldOf(call, "index");
  const inner = fieldOf(call, "function");
  return {
    index: typeof index === "number" ? index : undefined,
    id: textOf(fieldOf(call, "id")),
    name: textOf(fieldOf(inner, "name")),
    arguments: readArguments(fieldOf(inner, "arguments")),
  };
}

/** Arguments are JSON text; some servers send the object itself. */
function readArguments(given: unknown): string {
  if (typeof given === "string") return given;
  return typeof given === "object" && given !== null ? JSON.stringify(given) : "";
}

function readUsage(usage: unknown): ModelUsage | undefined {
  const promptTokens = fieldOf(usage, "prompt_tokens");
  const completionTokens = fieldOf(usage, "completion_tokens");
  if (typeof promptTokens !== "number" || typeof completionTokens !== "number") return undefined;
  return { promptTokens, completionTokens };
}
