/** How words are set off on a terminal. */
export type Style = Record<"bold" | "dim" | "red" | "green" | "yellow" | "cyan", (text: string) => string>;

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** Colours, or none where they would be in the way. */
export function makeStyle(colours: boolean): Style {
  const dress =
    (code: number) =>
    (text: string): string =>
      colours ? `\u001B[${code}m${text}\u001B[0m` : text;
  return {
    bold: dress(codes.bold),
    dim: dress(codes.dim),
    red: dress(codes.red),
    green: dress(codes.green),
    yellow: dress(codes.yellow),
    cyan: dress(codes.cyan),
  };
}
