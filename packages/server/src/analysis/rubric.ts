import type { Rubric } from "@offhook/protocol";
import { quote } from "./excerpt.ts";
import { limits } from "./limits.ts";
import { readCriteria } from "./rubric-criteria.ts";
import { readNumber } from "./rubric-number.ts";
import { agreement, level, outcome, readWord } from "./rubric-word.ts";
import { unwrap } from "./verdict-text.ts";

/** A model's judgement in the words of its rubric, or a sentence that says why there is none. */
export type Verdict = { kind: "read"; value: string } | { kind: "unreadable"; error: string };

/**
 * Reads what a model answered into the values of the rubric. Lenient about the
 * form of the answer, never about its meaning: what can be read two ways is
 * not read.
 */
export function readVerdict(rubric: Rubric, answer: string): Verdict {
  const { read, wanted } = readers[rubric];
  const value = answer.length > limits.textMax ? undefined : read(unwrap(answer));
  if (value !== undefined) return { kind: "read", value };
  return {
    kind: "unreadable",
    error: `The model answered ${quote(answer, limits.quoteMax)}, which is not ${wanted}.`,
  };
}

/** Each reader answers one value of its rubric, or `undefined`. */
type Reader = { read: (text: string) => string | undefined; wanted: string };

const tenth = { from: 1, to: 10 } as const;
const percent = { from: 0, to: 100 } as const;

const readers: Record<Rubric, Reader> = {
  PassFail: { read: (text) => readWord(outcome, text), wanted: "clearly success or failure" },
  DescriptiveScale: {
    read: (text) => readWord(level, text),
    wanted: "clearly one of Excellent, Good, Fair and Poor",
  },
  NumericScale: { read: (text) => readNumber(tenth, text), wanted: "clearly a number from 1 to 10" },
  PercentageScale: {
    read: (text) => withUnit(readNumber(percent, text), "%"),
    wanted: "clearly a percentage from 0 to 100",
  },
  LikertScale: {
    read: (text) => readWord(agreement, text),
    wanted: "clearly one of Strongly Agree, Agree, Neutral, Disagree and Strongly Disagree",
  },
  Checklist: {
    read: (text) => readCriteria("checklist", text),
    wanted: "a list of criteria that are met ([x]) or not ([ ])",
  },
  AutomaticRubric: {
    read: (text) => readCriteria("scores", text),
    wanted: "a list of criteria with a number from 1 to 10 each",
  },
  Matrix: {
    read: (text) => readCriteria("levels", text),
    wanted: "a list of criteria with Excellent, Good, Fair or Poor each",
  },
};

function withUnit(number: string | undefined, unit: string): string | undefined {
  return number === undefined ? undefined : `${number}${unit}`;
}
