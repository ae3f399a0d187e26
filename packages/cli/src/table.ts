import { plain } from "./terminal.ts";

/** So many characters of a cell are shown. */
const cellMax = 60;

/** Rows in columns, each as wide as its widest cell. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map((cell) => cut(plain(cell).replaceAll("\n", " "))));
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => (row[column] ?? "").length)),
  );
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function cut(cell: string): string {
  return cell.length > cellMax ? `${cell.slice(0, cellMax - 1)}…` : cell;
}

/** A moment as the person's clock shows it. `at` is epoch ms. */
export function timeOf(at: number): string {
  return new Date(at).toLocaleString("sv");
}
