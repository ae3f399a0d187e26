import { benches, names } from "./benches.ts";
import type { Bench } from "./harness/bench.ts";
import { describeMachine, loadNow } from "./harness/machine.ts";
import { type Options, readArguments } from "./harness/options.ts";
import { MissingPeerError } from "./harness/peers.ts";
import { type Report, tableOf } from "./harness/report.ts";

/** Runs a bench: a table for people on standard error, JSON on standard output. */
async function main(): Promise<number> {
  const { name, options } = readArguments(process.argv.slice(2));
  const found = name === undefined ? undefined : benches[name];
  if (name === undefined || found === undefined) {
    console.error(`Name a bench: ${names.join(", ")}. Such as: npm run bench -- P1`);
    return 2;
  }
  try {
    const { bench } = await found();
    const report = await run({ name, bench, options });
    console.error(`\n${tableOf(report)}`);
    console.log(JSON.stringify(report));
    return 0;
  } catch (error) {
    if (!(error instanceof MissingPeerError)) throw error;
    console.error(error.message);
    return 1;
  }
}

async function run(given: { name: string; bench: Bench; options: Options }): Promise<Report> {
  const { name, bench, options } = given;
  const date = new Date().toISOString();
  const before = loadNow();
  const findings = await bench.run(options, (line) => console.error(line));
  const machine = describeMachine(bench.packages);
  const load = { before, after: loadNow() };
  return { bench: name, title: bench.title, date, options, machine, load, ...findings };
}

// What was started and made ends with us, also when we are told to stop.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
process.exitCode = await main();
