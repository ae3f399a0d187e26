import { CommanderError } from "commander";
import { describe, expect, it } from "vitest";
import { makeProgram } from "./program.ts";
import { makeStyle } from "./style.ts";

/** What is said when these words are typed, and commander's exit code. */
async function typed(words: readonly string[]) {
  const said = { out: "", beside: "", exitCode: -1 };
  const program = makeProgram({
    terminal: {
      print: (line) => (said.out += `${line}\n`),
      write: (text) => (said.out += text),
      note: (line) => (said.beside += `${line}\n`),
      progress: () => undefined,
      style: makeStyle(false),
      lines: () => ({ async *[Symbol.asyncIterator]() {} }),
      isTyped: false,
    },
    ended: (exitCode) => (said.exitCode = exitCode),
    interrupt: () => undefined,
  });
  await program.parseAsync(words, { from: "user" }).catch((error: unknown) => {
    if (!(error instanceof CommanderError)) throw error;
    said.exitCode = error.exitCode;
  });
  return said;
}

describe("offhook", () => {
  it.each([
    [["--version"], /^0\.1\.0\n$/u],
    [["--help"], /start[^]*demo[^]*call[^]*Exit codes:[^]*130/u],
    [["start", "--help"], /--port[^]*OFFHOOK_PORT[^]*Exit codes:/u],
    [["call", "--help"], /--metadata[^]*Ctrl-C[^]*Exit codes:/u],
    [["demo", "--help"], /--json[^]*--stay[^]*Exit codes:/u],
  ])("answers %j", async (words, answer) => {
    const said = await typed(words);
    expect(said).toMatchObject({ beside: "", exitCode: 0 });
    expect(said.out).toMatch(answer);
  });

  it.each([
    [[], /Usage: offhook/u],
    [["strat"], /unknown command 'strat'[^]*Did you mean start/u],
    [["start", "--prt", "1"], /unknown option '--prt'[^]*Did you mean --port[^]*--help/u],
    [["demo", "now"], /too many arguments/u],
    [["call", "--key"], /argument missing/u],
  ])("does not understand %j, and says what there is", async (words, answer) => {
    const said = await typed(words);
    expect(said).toMatchObject({ out: "", exitCode: 1 });
    expect(said.beside).toMatch(answer);
  });
});
