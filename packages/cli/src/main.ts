#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { CommanderError } from "commander";
import { ifStillThere } from "./clock.ts";
import { isColourUnwanted } from "./environment.ts";
import { exitCodes } from "./exit-codes.ts";
import { makeProgram } from "./program.ts";
import { openTerminal } from "./terminal.ts";

// The server is read later, by the commands that run it: from the second time on in less than half the time.
enableCompileCache();

const program = makeProgram({
  terminal: openTerminal(isColourUnwanted()),
  ended: (exitCode) => (process.exitCode = exitCode),
  interrupt: () => process.exit(exitCodes.interrupted),
});

/** How long the process may take to end by itself, once all is said. */
const lingerMaxMs = 1_000;

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.misused;
}
ifStillThere(lingerMaxMs, () => process.exit());
