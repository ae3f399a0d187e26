import type { JsonObject } from "@offhook/protocol";
import type { ModelRequest } from "../../model.ts";
import { cut } from "../loose-json.ts";
import { identity } from "./identity.ts";
import { lookUp, type Memory } from "./memory.ts";
import { findPhrase, readPhrase } from "./phrase.ts";
import { type Cue, workThrough } from "./rules.ts";
import { fillObject, fillText } from "./template.ts";
import { readTrial } from "./try-tool.ts";
import { errorOf, type Turn, turnsOf } from "./turns.ts";
import type { Word } from "./words.ts";

/** What a rehearsal does next. */
export type Line = {
  delayMs: number;
  say: string;
  calls: readonly { name: string; arguments: JsonObject }[];
};

/** Decides the reply of a conversation: by who-are-you, the script's rules, its `otherwise`, or a short talk of its own. */
export function nextLine(request: ModelRequest): Line {
  const { script } = request;
  const { cue, rule, memory } = workThrough(script, turnsOf(request.messages));
  if (cue.kind === "who-are-you") return saying(identity);
  const find = (name: string) => lookUp(memory, name);
  if (rule !== undefined) {
    const say = fillText(rule.say ?? "", find);
    const wanted = (rule.call ?? []).map(({ name, arguments: given }) => ({
      name,
      arguments: fillObject(given, find),
    }));
    const calls = request.tools.length === 0 ? [] : wanted;
    const isIdle = say === "" && calls.length < wanted.length;
    return { delayMs: rule.delayMs ?? 0, say: isIdle ? tellNoTools(wanted) : say, calls };
  }
  if (cue.kind === "said" && script?.otherwise !== undefined) return saying(fillText(script.otherwise, find));
  return ownLine({ cue, memory, request });
}

type Occasion = { cue: Cue; memory: Memory; request: ModelRequest };

function ownLine({ cue, memory, request }: Occasion): Line {
  if (cue.kind === "answered") return saying(tellResult(cue.answered));
  if (cue.kind !== "said")
    return saying(`Hello. ${identity} Say something, and I will repeat what I understood.`);
  const trial = request.script === undefined ? readTrial(cue.text, request.tools) : undefined;
  if (trial?.kind === "fault") return saying(trial.say);
  if (trial?.kind === "call") return { delayMs: 0, say: "", calls: [trial] };
  if (says(cue.words, goodbyes) && request.tools.some(({ name }) => name === "endCall"))
    return { delayMs: 0, say: "Goodbye.", calls: [{ name: "endCall", arguments: {} }] };
  return saying(repeat(cue.text, memory, request));
}

/** A rule wants to call where no tool may be called: the assistant has none, or its turn has had enough rounds of them. */
function tellNoTools(wanted: Line["calls"]): string {
  return `I would call ${wanted.map(({ name }) => name).join(" and ")} now, but no tool is offered to me.`;
}

/** At most so many characters of what was said or answered are repeated. */
const repeatedMax = 300;

function repeat(text: string, memory: Memory, { messages, tools }: ModelRequest): string {
  const facts = [...memory.facts].map(([name, value]) => `${name}: ${value}`);
  const heard = `I understood: “${cut(text.trim(), repeatedMax)}”.${facts.length === 0 ? "" : ` So far I know ${facts.join("; ")}.`}`;
  if (messages.filter(({ role }) => role === "user").length > 1) return heard;
  const example = tools[0]?.name;
  const offer = example === undefined ? "" : ` To try a tool, say: call ${example} {"key": "value"}.`;
  return `${identity} ${heard} To have me say more, give the assistant a “rehearsal” script of rules.${offer}`;
}

function tellResult({ name, result }: Turn & { who: "tool" }): string {
  const error = errorOf(result);
  if (error !== undefined) return `${name} failed: ${cut(error, repeatedMax)}`;
  const text = typeof result === "string" ? result : JSON.stringify(result);
  return `${name} answered: ${cut(text, repeatedMax)}`;
}

const goodbyes = ["goodbye", "good bye", "bye", "hang up", "end the call"].map(readPhrase);

function says(words: readonly Word[], phrases: typeof goodbyes): boolean {
  return phrases.some((phrase) => findPhrase(phrase, words) !== undefined);
}

function saying(say: string): Line {
  return { delayMs: 0, say, calls: [] };
}
