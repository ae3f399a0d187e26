import type { Played } from "./play.ts";

export type Row = Played & { name: string; seed: number };

const columns: readonly { head: string; of: (row: Row) => string | number }[] = [
  { head: "case", of: ({ name }) => name },
  { head: "seed", of: ({ seed }) => seed },
  { head: "calls", of: ({ calls }) => calls },
  { head: "events", of: ({ events }) => events },
  { head: "lost", of: ({ account }) => account.lost.length + account.gaps.length },
  { head: "reordered", of: ({ account }) => account.reordered.length },
  { head: "duplicated", of: ({ account }) => account.renamed.length },
  { head: "reports ≠ 1", of: ({ account }) => account.withoutOneReport.length },
  { head: "owned twice", of: ({ account }) => account.ownedTwice.length },
  { head: "asked twice", of: ({ account }) => account.askedTwice.length },
  { head: "skewed", of: ({ account }) => account.skewed.length },
  { head: "dropped", of: ({ account }) => account.dropped.length },
  { head: "failed", of: ({ tally }) => tally.failed.length },
  { head: "taken over", of: ({ takeOversMs }) => takeOversMs.length },
  { head: "take-over ms", of: ({ takeOversMs }) => Math.max(0, ...takeOversMs) },
  { head: "longest wait ms", of: ({ tally }) => tally.longestMs },
];

/** The rows as a table in plain text. */
export function tableOf(rows: readonly Row[]): string {
  const lines = [
    columns.map(({ head }) => head),
    ...rows.map((row) => columns.map(({ of }) => String(of(row)))),
  ];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  return lines
    .map((line) =>
      line.map((cell, index) =>
        index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0),
      ),
    )
    .map((line) => line.join("  "))
    .join("\n");
}

/** What was wrong in a row, in sentences: so many of each kind at most. */
export function faultsIn({ account, tally }: Played, ofEachMax = 5): string[] {
  return Object.entries({ ...account, failed: tally.failed }).flatMap(([kind, faults]) => [
    ...faults.slice(0, ofEachMax).map((one) => `${kind}: ${one}`),
    ...(faults.length > ofEachMax ? [`${kind}: and ${faults.length - ofEachMax} more`] : []),
  ]);
}
