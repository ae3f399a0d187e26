import type { ModelRequest } from "../../model.ts";
import { knows, type Memory } from "./memory.ts";
import { findPhrase, readPhrase } from "./phrase.ts";
import { errorOf, type Turn } from "./turns.ts";
import { wordsOf } from "./words.ts";

/** How well a call went: from 2 on it is a success; and what that rests on. */
export type Judgement = { grade: 0 | 1 | 2 | 3; criteria: readonly Criterion[] };
type Criterion = { label: string; met: boolean };

/** Judges a call by the facts that its script wants, or else by what can be seen of any call. */
export function judge(script: ModelRequest["script"], turns: readonly Turn[], memory: Memory): Judgement {
  const wanted = script?.analysis?.success;
  if (wanted !== undefined) {
    const criteria = wanted.map((name) => ({ label: `${name} is known`, met: knows(memory, name) }));
    const isAny = criteria.some(({ met }) => met);
    return { grade: criteria.every(({ met }) => met) ? 3 : isAny ? 1 : 0, criteria };
  }
  const done = turns.some(succeeded);
  const thanked = turns.some(hasThanks);
  const talked = turns.filter(({ who }) => who === "user").length > 1;
  const criteria = [
    { label: "The user said more than one thing", met: talked },
    { label: "A tool did what it was asked for", met: done },
    { label: "The user said thanks", met: thanked },
  ];
  return { grade: done && thanked ? 3 : done || thanked ? 2 : talked ? 1 : 0, criteria };
}

function succeeded(turn: Turn): boolean {
  return turn.who === "tool" && turn.name !== "endCall" && errorOf(turn.result) === undefined;
}

const thanks = ["thank you", "thanks", "that's all", "perfect"].map(readPhrase);

function hasThanks(turn: Turn): boolean {
  if (turn.who !== "user") return false;
  const words = wordsOf(turn.text);
  return thanks.some((phrase) => findPhrase(phrase, words) !== undefined);
}

/** Says a judgement in the form that a prompt asks for; the form is its last paragraph, if one is named there. */
export function verdictIn(prompt: string, judgement: Judgement): string {
  const last =
    prompt
      .trim()
      .split(/\n\s*\n/u)
      .at(-1) ?? "";
  const form = forms.find(({ named }) => named.test(last)) ?? forms.find(({ named }) => named.test(prompt));
  return (form ?? passFail).write(judgement);
}

type Form = { named: RegExp; write: (judgement: Judgement) => string };

const passFail: Form = { named: /\bsuccess\b/u, write: graded(["failure", "failure", "success", "success"]) };

/** Lists come first: their prompts name the words of the scales too. */
const forms: readonly Form[] = [
  { named: /\[x\]/iu, write: listed(({ label, met }) => `${met ? "[x]" : "[ ]"} ${label}`) },
  {
    named: /criterion: level/iu,
    write: listed(({ label, met }) => `${label}: ${met ? "Excellent" : "Poor"}`),
  },
  { named: /criterion: number/iu, write: listed(({ label, met }) => `${label}: ${met ? 10 : 1}`) },
  { named: /\bExcellent\b/u, write: graded(["Poor", "Fair", "Good", "Excellent"]) },
  {
    named: /strongly agree/iu,
    write: graded(["Strongly Disagree", "Disagree", "Agree", "Strongly Agree"]),
  },
  { named: /percent|\b0\s?(?:to|-|–)\s?100\b/iu, write: graded(["10%", "40%", "80%", "100%"]) },
  { named: /\b1\s?(?:to|-|–)\s?10\b/u, write: graded(["1", "4", "8", "10"]) },
  passFail,
];

function graded(words: readonly [string, string, string, string]): Form["write"] {
  return ({ grade }) => words[grade];
}

function listed(line: (criterion: Criterion) => string): Form["write"] {
  return ({ criteria }) => criteria.map(line).join("\n");
}
