import type { RehearsalRule, RehearsalScript } from "@offhook/protocol";
import { asksWhoSpeaks } from "./identity.ts";
import { blank, knows, type Memory, withFacts, withResult } from "./memory.ts";
import { type Effort, findPhrase, fullEffort, type Phrase, readPhrase } from "./phrase.ts";
import type { Turn } from "./turns.ts";
import { type Word, wordsOf } from "./words.ts";

/** What a rehearsal replies to: all that happened since the assistant last spoke. */
export type Cue =
  | { kind: "opening" }
  | { kind: "who-are-you" }
  | { kind: "said"; text: string; words: readonly Word[]; answered: ToolTurn | undefined }
  | { kind: "answered"; answered: ToolTurn };

type ToolTurn = Turn & { who: "tool" };

/** A conversation worked through: the last cue, the rule that fits it, and all that is known by then. */
export type Rehearsed = { cue: Cue; rule: RehearsalRule | undefined; memory: Memory };

/** Of a longer conversation only the last turns are worked through. */
const turnsMax = 400;

/**
 * Works through a conversation from its beginning, so that the same turns
 * always give the same facts. Later facts win; of one message, the phrase that
 * is listed first.
 */
export function workThrough(script: RehearsalScript | undefined, turns: readonly Turn[]): Rehearsed {
  const book = readBook(script);
  let pending = nothingPending;
  let rehearsed: Rehearsed = { ...fitRule(book, { kind: "opening" }, blank), cue: { kind: "opening" } };
  for (const turn of turns.slice(-turnsMax)) {
    pending = addPending(pending, turn);
    if (turn.who === "assistant") continue;
    const { memory: before } = rehearsed;
    const memory =
      turn.who === "tool"
        ? withResult(before, turn)
        : withFacts(before, hear(book, pending.said.at(-1)?.words ?? []));
    const cue = cueOf(pending);
    rehearsed = { cue, ...fitRule(book, cue, memory) };
  }
  return rehearsed;
}

type Said = { text: string; words: readonly Word[] };
/** What the user said, and the last tool that answered, since the assistant spoke. */
type Pending = { said: readonly Said[]; answered: ToolTurn | undefined };
const nothingPending: Pending = { said: [], answered: undefined };

/** Somebody who is not answered says it again; only so many texts are taken together. */
const textsMax = 4;

function addPending(before: Pending, turn: Turn): Pending {
  if (turn.who === "assistant") return nothingPending;
  if (turn.who === "tool") return { ...before, answered: turn };
  const said = { text: turn.text, words: wordsOf(turn.text) };
  return { ...before, said: [...before.said, said].slice(-textsMax) };
}

function cueOf({ said, answered }: Pending): Cue {
  if (said.length === 0) {
    return answered === undefined ? { kind: "opening" } : { kind: "answered", answered };
  }
  const text = said.map((each) => each.text).join("\n");
  const words = said.flatMap((each) => each.words);
  return asksWhoSpeaks(words) ? { kind: "who-are-you" } : { kind: "said", text, words, answered };
}

/** A script with its phrases read. */
type Phrases = {
  hear: readonly Phrase[];
  rules: readonly { rule: RehearsalRule; when: readonly Phrase[] }[];
};
type Book = Phrases & { effort: Effort };

/** A script is read once, however often it is played. */
const read = new WeakMap<RehearsalScript, Phrases>();

function readBook(script: RehearsalScript | undefined): Book {
  const effort = fullEffort();
  if (script === undefined) return { hear: [], rules: [], effort };
  const phrases = read.get(script) ?? readPhrases(script);
  read.set(script, phrases);
  return { ...phrases, effort };
}

function readPhrases(script: RehearsalScript): Phrases {
  const rules = script.rules.map((rule) => ({ rule, when: (rule.when ?? []).map(readPhrase) }));
  return { hear: script.hear.map(readPhrase), rules };
}

function hear(book: Book, words: readonly Word[]): Map<string, string> {
  const heard = new Map<string, string>();
  for (const phrase of book.hear) {
    for (const [name, value] of findPhrase(phrase, words, book.effort)?.slots ?? [])
      if (!heard.has(name)) heard.set(name, value);
  }
  return heard;
}

/** The first rule that fits. Its own slots count for `known`, not for `unknown`. */
function fitRule(book: Book, cue: Cue, memory: Memory): { rule: RehearsalRule | undefined; memory: Memory } {
  if (cue.kind === "who-are-you") return { rule: undefined, memory };
  for (const { rule, when } of book.rules) {
    if (rule.unknown.some((name) => knows(memory, name))) continue;
    const slots = rule.after === undefined ? fitWords(book, when, cue) : fitAnswer(rule.after, cue);
    if (slots === undefined) continue;
    const after = withFacts(memory, slots);
    if (rule.known.every((name) => knows(after, name))) return { rule, memory: after };
  }
  return { rule: undefined, memory };
}

type Slots = ReadonlyMap<string, string>;
const noSlots: Slots = new Map();

function fitAnswer(tool: string, cue: Exclude<Cue, { kind: "who-are-you" }>): Slots | undefined {
  return cue.kind !== "opening" && cue.answered?.name === tool ? noSlots : undefined;
}

/** A rule without a trigger fits any words, and the opening. */
function fitWords(
  book: Book,
  when: readonly Phrase[],
  cue: Exclude<Cue, { kind: "who-are-you" }>,
): Slots | undefined {
  if (cue.kind === "answered") return undefined;
  if (when.length === 0) return noSlots;
  if (cue.kind === "opening") return undefined;
  for (const phrase of when) {
    const found = findPhrase(phrase, cue.words, book.effort);
    if (found !== undefined) return found.slots;
  }
  return undefined;
}
