import { cutEnd } from "./excerpt.ts";
import { limits } from "./limits.ts";
import { readNumber } from "./rubric-number.ts";
import { level, outcome, readWord } from "./rubric-word.ts";

/** What is said of each criterion: whether it was met, how many points of ten, or which level. */
export type Grading = "checklist" | "scores" | "levels";

/** What the one verdict is called that is given without criteria. */
const whole = "Overall";

/** Reads a list of criteria, one on a line of its own, into lines of one form; `undefined` when there are none. */
export function readCriteria(grading: Grading, text: string): string | undefined {
  const lines = withoutHeads(text.split("\n").map(withoutBullet));
  const graded = lines.map((line) => readLine(grading, line)).filter((line) => line !== prose);
  if (graded.length > 0) {
    return graded.includes(unknown) ? undefined : graded.slice(0, limits.criteriaMax).join("\n");
  }
  const mark = gradeOf(grading, text);
  return mark === undefined ? undefined : lineOf(grading, whole, mark);
}

/** A line that is none of the list. */
const prose = undefined;
/** A criterion with a grade that is none of the scale: it spoils the list, or it would be left out in silence. */
const unknown = "";
/** Of so many words at most is a grade; what is longer is a remark. */
const gradeWordsMax = 3;

function readLine(grading: Grading, line: string): string | undefined {
  const [, box, ticked] = /^(\[[ xX✓✔✗✘]?\]|[✓✔✅☑✗✘❌☐])\s*(\S.*)$/u.exec(line) ?? [];
  if (grading === "checklist" && box !== undefined && ticked !== undefined) {
    return lineOf(grading, ticked, /[xX✓✔✅☑]/u.test(box) ? "met" : "unmet");
  }
  const splits = [lastSplit, firstSplit].flatMap((split) => splitAt(split, line));
  for (const { criterion, grade } of splits) {
    const mark = gradeOf(grading, grade);
    if (mark !== undefined) return lineOf(grading, criterion, mark);
  }
  const isGrade = splits.some(({ grade }) => grade.split(/\s+/u).length <= gradeWordsMax);
  return isGrade ? unknown : prose;
}

const lastSplit = /^(.*\S)\s*(?:[:|=]|\s[-–—])\s*(\S.*)$/u;
const firstSplit = /^(.*?\S)\s*(?:[:|=]|\s[-–—])\s*(\S.*)$/u;

function splitAt(split: RegExp, line: string): { criterion: string; grade: string }[] {
  const [, criterion, grade] = split.exec(line) ?? [];
  return criterion === undefined || grade === undefined ? [] : [{ criterion, grade }];
}

/** Without empty lines, and without the head of a table and the rule beneath it. */
function withoutHeads(lines: readonly string[]): string[] {
  const filled = lines.filter((line) => line !== "");
  const isRule = (line: string | undefined): boolean => line !== undefined && /^[-:|\s]+$/u.test(line);
  return filled.filter((line, index) => !isRule(line) && !isRule(filled[index + 1]));
}

function gradeOf(grading: Grading, text: string): string | undefined {
  switch (grading) {
    case "checklist":
      return metOf(text);
    case "scores":
      return readNumber({ from: 1, to: 10 }, text);
    case "levels":
      return readWord(level, text);
  }
}

function metOf(text: string): "met" | "unmet" | undefined {
  const plain = text.trim().toLowerCase();
  if (/^(?:met|done|x|✓|✔|✅)\b/u.test(plain)) return "met";
  if (/^(?:not (?:met|done)|unmet|missing|✗|✘|❌)/u.test(plain)) return "unmet";
  const verdict = readWord(outcome, plain);
  return verdict === undefined ? undefined : verdict === "success" ? "met" : "unmet";
}

function lineOf(grading: Grading, criterion: string, mark: string): string {
  const name = cutEnd(criterion.trim(), limits.criterionMax);
  if (grading === "checklist") return `${mark === "met" ? "[x]" : "[ ]"} ${name}`;
  return grading === "scores" ? `${name}: ${mark}/10` : `${name}: ${mark}`;
}

function withoutBullet(line: string): string {
  return line
    .trim()
    .replace(/^(?:[-*•–]\s+|\d{1,2}[.)]\s+)/u, "")
    .replaceAll(/^\|\s*|\s*\|$/gu, "")
    .trim();
}
