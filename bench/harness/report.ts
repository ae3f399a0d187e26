import type { Machine } from "./machine.ts";
import type { Options } from "./options.ts";
import { type Figures, type Result, rounded } from "./rounds.ts";

/** A ratio or a bound that `targets` name; `met` is what this run says, on this machine, at this load. */
export type Verdict = { what: string; value: number; target: string; met: boolean };

/** What a bench found. */
export type Findings = {
  results: Result[];
  verdicts: Verdict[];
  /** What was done, with the numbers that matter. */
  setting: string[];
  /** What the figures leave out. */
  leavesOut: string[];
};

export type Report = Findings & {
  bench: string;
  title: string;
  date: string;
  options: Options;
  machine: Machine;
  /** Of the machine, before and after: 1 minute's average. */
  load: { before: number; after: number };
};

export function atLeast(what: string, value: number, bound: number): Verdict {
  return { what, value, target: `≥ ${bound}`, met: value >= bound };
}

export function atMost(what: string, value: number, bound: number): Verdict {
  return { what, value, target: `≤ ${bound}`, met: value <= bound };
}

/** A report for people to read. */
export function tableOf(report: Report): string {
  const { machine, load, options } = report;
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${report.bench}: ${report.title}`,
    `${report.date}; ${machine.cores} cores of ${machine.processor}, ${machine.memoryGiB} GiB, ${machine.system}`,
    versions.join(", "),
    `load ${rounded(load.before)} before, ${rounded(load.after)} after; medians of ${report.results[0]?.rounds.length ?? 0} rounds${options.quick ? "; --quick: the figures mean nothing" : ""}`,
    ...report.setting,
    "",
    ...grid(report.results),
    "",
    ...report.verdicts.map(
      ({ what, value, target, met }) =>
        `${what}: ${rounded(value)} (target ${target}: ${met ? "met" : "not met"})`,
    ),
    ...report.leavesOut.map((line) => `Left out: ${line}`),
    "",
  ].join("\n");
}

function grid(results: readonly Result[]): string[] {
  const names = [...new Set(results.flatMap(({ median }) => Object.keys(median)))];
  const rows = [["", ...names], ...results.map(({ name, median }) => [name, ...cells(median, names)])];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  "),
  );
}

function cells(figures: Figures, names: readonly string[]): string[] {
  return names.map((name) => (name in figures ? rounded(figures[name] ?? Number.NaN) : ""));
}
