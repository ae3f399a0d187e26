import type { Style } from "../style.ts";
import { groups } from "./case.ts";
import type { Judged } from "./run.ts";

/** How many of each verdict there are. */
export type Tally = { passed: number; failed: number; skipped: number };

export function tallyOf(judged: readonly Judged[]): Tally {
  const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const { came } of judged) tally[came.verdict] += 1;
  return tally;
}

/** The report for people, by lines. */
export function reportLines(judged: readonly Judged[], style: Style): string[] {
  const lines = groups.flatMap((group) => {
    const own = judged.filter((one) => one.case.group === group);
    return own.length === 0 ? [] : ["", style.bold(group), ...own.flatMap((one) => linesOf(one, style))];
  });
  return [...lines, "", totalLine(judged, style), ...hintLines(judged)];
}

function linesOf({ case: { name, expects, mend }, came }: Judged, style: Style): string[] {
  switch (came.verdict) {
    case "passed":
      return [`  ${style.green("✓")} ${name}`];
    case "skipped":
      return [style.dim(`  – ${name} (${came.why})`)];
    case "failed":
      return [
        `  ${style.red("✗")} ${name}`,
        `      expected  ${expects}`,
        `      seen      ${came.saw}`,
        `      mend      ${mend}`,
      ];
  }
}

function totalLine(judged: readonly Judged[], style: Style): string {
  const { passed, failed, skipped } = tallyOf(judged);
  const rest = skipped === 0 ? "" : `, ${skipped} skipped`;
  const text = `${passed} passed, ${failed} failed${rest}`;
  return failed === 0 ? style.green(text) : style.red(text);
}

/** What the failures have in common. */
function hintLines(judged: readonly Judged[]): string[] {
  const failures = judged.flatMap(({ came }) => (came.verdict === "failed" ? [came.saw] : []));
  const isUnsigned = judged.some(({ came }) => came.verdict === "skipped" && came.why === "needs --secret");
  if (isUnsigned && failures.some((saw) => /answered 40[13]/u.test(saw)))
    return ["The receiver seems to verify its sender: give its secret as --secret."];
  return [];
}

/** The report for programs. */
export function reportJson(url: string, judged: readonly Judged[]): Record<string, unknown> {
  const cases = judged.map(({ case: { name, group, expects, mend }, came }) => ({
    name,
    group,
    expects,
    ...came,
    ...(came.verdict === "failed" ? { mend } : {}),
  }));
  return { url, ...tallyOf(judged), cases };
}
