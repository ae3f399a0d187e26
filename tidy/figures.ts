import { countCasts } from "./escapes.ts";
import { functionsOf, limits, medianOf, type Measured, signaturesOf } from "./sizes.ts";
import { type House, isForTests, type Source } from "./source.ts";

/** The figures of the house, one row each: production code, then tests. */
export function figuresOf(house: House): string[][] {
  const made = house.sources.filter(({ path }) => !isForTests(path));
  const tests = house.sources.filter(({ path }) => isForTests(path));
  const casts = countCasts({ ...house, sources: made });
  const [ours, theirs] = [columnOf(made), columnOf(tests)];
  const rows = ours.map(([name, value], index) => [name, value, theirs[index]?.[1] ?? ""]);
  return [["", "production", "tests"], ...rows, ["`as`, brands aside", String(casts), ""]];
}

/** The table as text, in columns. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function printFigures(house: House): void {
  process.stdout.write(`\n${tableOf(figuresOf(house))}\n\n`);
}

function columnOf(sources: readonly Source[]): [string, string][] {
  const functions = sources.flatMap(functionsOf);
  const longest = largest(functions, ({ lines }) => lines);
  const widest = largest(sources.flatMap(signaturesOf), ({ params }) => params);
  const file = largest(sources, ({ lines }) => lines);
  return [
    ["files", String(sources.length)],
    ["lines", String(sources.reduce((sum, { lines }) => sum + lines, 0))],
    ["median file", String(medianOf(sources.map(({ lines }) => lines)))],
    [`files up to ${limits.fileHabit} lines`, share(sources, ({ lines }) => lines <= limits.fileHabit)],
    ["longest file", file === undefined ? "" : `${file.lines} ${file.path}`],
    ["median function", String(medianOf(functions.map(({ lines }) => lines)))],
    [
      `functions up to ${limits.functionHabit} lines`,
      share(functions, ({ lines }) => lines <= limits.functionHabit),
    ],
    ["longest function", longest === undefined ? "" : `${longest.lines} ${named(longest)}`],
    ["most parameters", widest === undefined ? "" : `${widest.params} ${named(widest)}`],
  ];
}

function largest<Item>(items: readonly Item[], size: (item: Item) => number): Item | undefined {
  return items.toSorted((one, other) => size(other) - size(one))[0];
}

function share<Item>(items: readonly Item[], fits: (item: Item) => boolean): string {
  return items.length === 0 ? "" : `${Math.round((100 * items.filter(fits).length) / items.length)} %`;
}

function named({ name, where }: Measured): string {
  return `${name} ${where}`;
}
