import { piecesOf } from "./verdict-text.ts";

/** A value of a scale; `alone` are words that mean it when nothing stands beside them, `inside` also within a sentence. */
type Value = { value: string; alone: readonly string[]; inside: readonly string[] };

export const outcome: readonly Value[] = [
  {
    value: "success",
    alone: ["yes", "true", "pass", "passes"],
    inside: ["success", "successful", "successfully", "succeeded", "passed"],
  },
  {
    value: "failure",
    alone: ["no", "false", "fail", "fails"],
    inside: ["failure", "failed", "unsuccessful", "unsuccessfully"],
  },
];

export const level: readonly Value[] = ["Excellent", "Good", "Fair", "Poor"].map(sameWord);

export const agreement: readonly Value[] = [
  sameWord("Strongly Agree"),
  sameWord("Agree"),
  { value: "Neutral", alone: ["undecided"], inside: ["neutral", "neither agree nor disagree"] },
  sameWord("Disagree"),
  sameWord("Strongly Disagree"),
];

function sameWord(value: string): Value {
  return { value, alone: [], inside: [value.toLowerCase()] };
}

/** Reads the one value that a text states; `undefined` when it states none, or more than one. */
export function readWord(scale: readonly Value[], text: string): string | undefined {
  const stated = statedIn(scale, text.toLowerCase());
  return stated.size === 1 ? [...stated][0] : undefined;
}

/** What stands by itself counts before what is mentioned within a sentence. */
function statedIn(scale: readonly Value[], text: string): Set<string> {
  const alone = piecesOf(text).flatMap((piece) => valueAlone(scale, piece));
  if (alone.length > 0) return new Set(alone);
  const [, lead = "", rest = ""] = /^([^,]*),([^]*)$/u.exec(text) ?? [];
  const leading = valueAlone(scale, lead.trim());
  return leading.length > 0 ? new Set([...leading, ...mentionedIn(scale, rest)]) : mentionedIn(scale, text);
}

function valueAlone(scale: readonly Value[], piece: string): string[] {
  return scale.flatMap(({ value, alone, inside }) => ([...alone, ...inside].includes(piece) ? [value] : []));
}

const denial =
  /\b(?:not|no|never|neither|nor|without|hardly|barely|if|could|would|should|cannot|\w+n['’]t)\b[^.!?\n]*$/u;

function mentionedIn(scale: readonly Value[], text: string): Set<string> {
  const owners = new Map(scale.flatMap(({ value, inside }) => inside.map((word) => [word, value] as const)));
  const words = new RegExp(`(?<![\\p{L}-])(?:${[...owners.keys()].join("|")})(?![\\p{L}-])`, "gu");
  const found = new Set<string>();
  for (const match of text.matchAll(words)) {
    // "Not a success" is no failure yet, and "fair enough if" no Fair: it is left to nobody to guess.
    if (denial.test(text.slice(0, match.index))) return new Set();
    const owner = owners.get(match[0]);
    if (owner !== undefined) found.add(owner);
  }
  return found;
}
