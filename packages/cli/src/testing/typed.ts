import { type Command, CommanderError } from "commander";
import { exitCodes } from "../exit-codes.ts";
import { makeProgram } from "../program.ts";
import { makeStyle } from "../style.ts";

/** What a command said, and with what it ended. */
export type Said = { out: string; beside: string; code: number };

/** The program, which says everything into `said`. */
export function programInto(said: Said): Command {
  return makeProgram({
    terminal: {
      print: (line) => (said.out += `${line}\n`),
      write: (text) => (said.out += text),
      note: (line) => (said.beside += `${line}\n`),
      progress: () => undefined,
      style: makeStyle(false),
      lines: () => ({ async *[Symbol.asyncIterator]() {} }),
      isTyped: false,
    },
    ended: (exitCode) => (said.code = exitCode),
    interrupt: () => undefined,
  });
}

/** Runs the program in this process: for commands that end by themselves. */
export async function typed(...words: string[]): Promise<Said> {
  const said: Said = { out: "", beside: "", code: -1 };
  const program = programInto(said);
  await program.parseAsync(words, { from: "user" }).catch((error: unknown) => {
    if (!(error instanceof CommanderError)) throw error;
    said.code = error.exitCode === 0 ? exitCodes.done : exitCodes.misused;
  });
  return said;
}
