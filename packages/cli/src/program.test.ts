import { describe, expect, it } from "vitest";
import { typed } from "./testing/typed.ts";

describe("offhook", () => {
  it.each([
    [["--version"], /^0\.1\.0\n$/u],
    [["--help"], /start[^]*demo[^]*call[^]*listen[^]*check[^]*Exit codes:[^]*130/u],
    [["start", "--help"], /--port[^]*OFFHOOK_PORT[^]*Examples:[^]*Exit codes:/u],
    [["call", "--help"], /--metadata[^]*Ctrl-C[^]*Examples:[^]*Exit codes:/u],
    [["demo", "--help"], /--json[^]*--stay[^]*Examples:[^]*Exit codes:/u],
  ])("answers %j", async (words, answer) => {
    const said = await typed(...words);
    expect(said).toMatchObject({ beside: "", code: 0 });
    expect(said.out).toMatch(answer);
  });

  it.each([
    [[], /Usage: offhook/u],
    [["strat"], /unknown command 'strat'[^]*Did you mean start/u],
    [["start", "--prt", "1"], /unknown option '--prt'[^]*Did you mean --port[^]*--help/u],
    [["demo", "now"], /too many arguments/u],
    [["call", "--key"], /argument missing/u],
  ])("does not understand %j, and says what there is", async (words, answer) => {
    const said = await typed(...words);
    expect(said).toMatchObject({ out: "", code: 2 });
    expect(said.beside).toMatch(answer);
  });
});
