import type { Json } from "@offhook/protocol";
import type { ModelMessage } from "../../model.ts";
import { fieldOf, parseJson } from "../loose-json.ts";

/** One turn of a conversation, as a rehearsal sees it. */
export type Turn =
  | { who: "user"; text: string }
  | { who: "assistant"; text: string }
  | { who: "tool"; name: string; result: Json };

/** The turns of a conversation that is going on. */
export function turnsOf(messages: readonly ModelMessage[]): Turn[] {
  return messages.flatMap((message): Turn[] => {
    if (message.role === "system") return [];
    if (message.role === "tool")
      return [{ who: "tool", name: message.name, result: readResult(message.text) }];
    return [{ who: message.role, text: message.text }];
  });
}

/**
 * The turns of a transcript: lines `[id] user: …`, `[id] assistant: …` and
 * `[id] tool <name>: …`. A line of any other form goes on with the one before.
 */
export function turnsOfTranscript(transcript: string): Turn[] {
  const spoken: { who: string; text: string }[] = [];
  for (const line of transcript.split("\n")) {
    const [, who, text] = /^\[[^\]]{0,200}\] (user|assistant|tool [\w-]{1,64}): ?(.*)$/u.exec(line) ?? [];
    const last = spoken.at(-1);
    if (who !== undefined && text !== undefined) spoken.push({ who, text });
    else if (last !== undefined) last.text += `\n${line}`;
  }
  return spoken.map(({ who, text }): Turn => {
    if (who === "user" || who === "assistant") return { who, text: text.trim() };
    return { who: "tool", name: who.slice("tool ".length), result: readResult(text) };
  });
}

/** The stated error of a tool's answer, if it is one. */
export function errorOf(result: Json | undefined): string | undefined {
  const error = fieldOf(result, "error");
  if (error === undefined || error === null || error === false) return undefined;
  return typeof error === "string" ? error : JSON.stringify(error);
}

/** A result is JSON, or JSON inside a JSON string, or plain text. */
function readResult(text: string): Json {
  const value = parseJson(text);
  if (value === undefined) return text.trim();
  if (typeof value !== "string") return value;
  const inner = parseJson(value);
  return typeof inner === "object" && inner !== null ? inner : value;
}
