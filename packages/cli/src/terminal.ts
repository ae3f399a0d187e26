import { createInterface } from "node:readline";

/** Where a command speaks and listens. */
export type Terminal = {
  /** A line of what the command is for, on standard output. */
  print: (line: string) => void;
  /** The same without an end of line. */
  write: (text: string) => void;
  /** A line beside it, on standard error. */
  note: (line: string) => void;
  /** Standard input by lines, until its end or the signal. */
  lines: (signal: AbortSignal) => AsyncIterable<string>;
  /** Whether standard input is typed by a person. */
  readonly isTyped: boolean;
};

export function openTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  // Whoever read us has gone: there is nobody left to tell.
  for (const stream of [stdout, stderr]) stream.on("error", () => undefined);
  return {
    print: (line) => void stdout.write(`${line}\n`),
    write: (text) => void stdout.write(text),
    note: (line) => void stderr.write(`${line}\n`),
    lines(signal) {
      // Listens from now on: what came before the first look would be lost.
      const lines = createInterface({ input: stdin, signal })[Symbol.asyncIterator]();
      return { [Symbol.asyncIterator]: () => lines };
    },
    isTyped: stdin.isTTY,
  };
}

/** Words from elsewhere, without what would steer the terminal. */
export function plain(words: string): string {
  return words.replaceAll(/[^\P{Cc}\n\t]/gu, "·");
}
