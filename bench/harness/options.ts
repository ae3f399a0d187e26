import { parseArgs } from "node:util";

/** How a bench is run. */
export type Options = {
  /** A smoke test: everything small, one round; the figures mean nothing. */
  quick: boolean;
  /** Interleaved rounds that count, besides one to warm up. */
  rounds: number;
};

const roundsUsual = 5;
const roundsMax = 100;

export type Asked = { name: string | undefined; options: Options };

/** Reads the command line; throws with a sentence that says what to write. */
export function readArguments(args: readonly string[]): Asked {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { quick: { type: "boolean", default: false }, rounds: { type: "string" } },
    allowPositionals: true,
  });
  const quick = values.quick;
  const rounds = values.rounds === undefined ? (quick ? 1 : roundsUsual) : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > roundsMax)
    throw new Error(`--rounds is a whole number from 1 to ${roundsMax}`);
  return { name: positionals[0], options: { quick, rounds } };
}
