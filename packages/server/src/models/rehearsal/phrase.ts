import { type Word, wordsOf } from "./words.ts";

/** A phrase of a script: words, `*` for any words, `{slot}` for one to six words that become a fact. */
export type Phrase = readonly Element[];
type Element = { kind: "word"; key: string } | { kind: "any" } | { kind: "slot"; name: string };

/** Where a phrase was found, and what its slots hold. */
export type Found = { slots: ReadonlyMap<string, string>; end: number };

const slotWordsMax = 6;
/** More slots than these in one phrase are not understood: it never fits. */
const slotsMax = 8;

/** A slot at the end of a phrase stops before these. */
const enders: ReadonlySet<string> = new Set([
  "and",
  "but",
  "because",
  "please",
  "so",
  "then",
  "if",
  "thanks",
  "thank",
]);

export function readPhrase(text: string): Phrase {
  const elements: Element[] = [];
  for (const [part, name] of text.matchAll(/\{([\p{L}_][\p{L}\p{N}_-]{0,63})\}|\*|[^{}*]+/gu)) {
    if (name !== undefined) elements.push({ kind: "slot", name });
    else if (part === "*") elements.push({ kind: "any" });
    else elements.push(...wordsOf(part).map(({ key }) => ({ kind: "word" as const, key })));
  }
  const slots = elements.filter(({ kind }) => kind === "slot").length;
  return slots > slotsMax ? [] : elements;
}

/** What is left of the steps that a search may take; one effort serves a whole reply. */
export type Effort = { steps: number };

/** Enough for hundreds of phrases in a long call; a script made to be slow finds nothing beyond it. */
const stepsMax = 300_000;

export function fullEffort(): Effort {
  return { steps: stepsMax };
}

/**
 * Finds a phrase anywhere in what was said, the first place first. No regular
 * expression of a user is ever run: one search takes at most as many steps as
 * there are places in the phrase times words said, times six.
 */
export function findPhrase(
  phrase: Phrase,
  words: readonly Word[],
  effort: Effort = fullEffort(),
): Found | undefined {
  const [first] = phrase;
  if (first === undefined || effort.steps === 0) return undefined;
  const search: Search = { phrase, words, dead: new Set(), effort };
  for (let start = 0; start <= words.length; start += 1) {
    if (first.kind === "word" && words[start]?.key !== first.key) continue;
    const found = fit(search, 0, start);
    if (found !== undefined) return { slots: new Map(found.slots.toReversed()), end: found.end };
  }
  return undefined;
}

type Search = { phrase: Phrase; words: readonly Word[]; dead: Set<number>; effort: Effort };
/** Slots, the last one first. */
type Fit = { slots: readonly [string, string][]; end: number };

/** Fits the phrase from one element on to the words from one word on; remembers where it cannot. */
function fit(search: Search, element: number, at: number): Fit | undefined {
  const place = element * (search.words.length + 1) + at;
  if (search.dead.has(place) || search.effort.steps === 0) return undefined;
  search.effort.steps -= 1;
  const found = fitElement(search, element, at);
  if (found === undefined) search.dead.add(place);
  return found;
}

function fitElement(search: Search, element: number, at: number): Fit | undefined {
  const { phrase, words } = search;
  const wanted = phrase[element];
  if (wanted === undefined) return { slots: [], end: at };
  switch (wanted.kind) {
    case "word":
      return words[at]?.key === wanted.key ? fit(search, element + 1, at + 1) : undefined;
    case "any":
      return fit(search, element + 1, at) ?? (at < words.length ? fit(search, element, at + 1) : undefined);
    case "slot":
      return fitSlot(search, wanted.name, { element, at });
  }
}

/** Takes as few words as it can; at the end of a phrase, all that it may. */
function fitSlot(
  search: Search,
  name: string,
  { element, at }: { element: number; at: number },
): Fit | undefined {
  const { phrase, words } = search;
  const isLast = (phrase[element + 1]?.kind ?? "any") === "any";
  const roomMax = room(words, at, isLast);
  for (let count = isLast ? roomMax : 1; count >= 1 && count <= roomMax; count += 1) {
    const found = fit(search, element + 1, at + count);
    if (found === undefined) continue;
    const taken = words.slice(at, at + count).map(({ text }) => text);
    return { ...found, slots: [...found.slots, [name, taken.join(" ")]] };
  }
  return undefined;
}

/** How many words a slot may hold from here: none beyond a pause and, at a phrase's end, none from an ender on. */
function room(words: readonly Word[], at: number, isLast: boolean): number {
  let count = 0;
  for (const word of words.slice(at, at + slotWordsMax)) {
    if ((count > 0 && word.afterPause) || (isLast && enders.has(word.key))) break;
    count += 1;
  }
  return count;
}
