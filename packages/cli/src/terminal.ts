import { createInterface } from "node:readline";
import { makeStyle, type Style } from "./style.ts";

/** Where a command speaks and listens. */
export type Terminal = {
  /** A line of what the command is for, on standard output. */
  print: (line: string) => void;
  /** The same without an end of line. */
  write: (text: string) => void;
  /** A line beside it, on standard error. */
  note: (line: string) => void;
  /** What is being waited for, on a line that is written over; `undefined` takes it away. Nothing where nobody watches. */
  progress: (line: string | undefined) => void;
  /** Colours of standard output. */
  style: Style;
  /** Standard input by lines, until its end or the signal. */
  lines: (signal: AbortSignal) => AsyncIterable<string>;
  /** Whether standard input is typed by a person. */
  readonly isTyped: boolean;
};

/** `noColor` as the variable NO_COLOR says. */
export function openTerminal(noColor: boolean): Terminal {
  const { stdin, stdout, stderr } = process;
  // Whoever read us has gone: there is nobody left to tell.
  for (const stream of [stdout, stderr]) stream.on("error", () => undefined);
  let isWaiting = false;
  const clear = (): void => {
    if (isWaiting) stderr.write("\r\u001B[K");
    isWaiting = false;
  };
  const out = (text: string): void => {
    clear();
    stdout.write(text);
  };
  return {
    print: (line) => out(`${line}\n`),
    write: out,
    note(line) {
      clear();
      stderr.write(`${line}\n`);
    },
    progress(line) {
      if (!stderr.isTTY) return;
      clear();
      if (line === undefined) return;
      stderr.write(line.slice(0, Math.max(20, stderr.columns - 1)));
      isWaiting = true;
    },
    style: makeStyle(stdout.isTTY && !noColor),
    lines(signal) {
      // Listens from now on: what came before the first look would be lost.
      const lines = createInterface({ input: stdin, signal })[Symbol.asyncIterator]();
      return { [Symbol.asyncIterator]: () => lines };
    },
    isTyped: stdin.isTTY,
  };
}

/** How far something is, as a bar with what it is at. */
export function bar(done: number, total: number, at: string): string {
  const width = 20;
  const full = total === 0 ? 0 : Math.round((done / total) * width);
  return `${"█".repeat(full)}${"░".repeat(width - full)} ${done}/${total} ${at}`;
}

/** Words from elsewhere, without what would steer the terminal. */
export function plain(words: string): string {
  return words.replaceAll(/[^\P{Cc}\n\t]/gu, "·");
}
