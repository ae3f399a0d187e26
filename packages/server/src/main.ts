import { writeSync } from "node:fs";
import { enableCompileCache } from "node:module";

// Before the server is read: from the second start on it is ready in less than half the time.
enableCompileCache();
const { openApp } = await import("./app.ts");
const { ifStillThere } = await import("./clock.ts");
const { ConfigError, readEnv, toConfig } = await import("./config.ts");
const { StoreError } = await import("./store.ts");

/** How long the process may take to end by itself. */
const lingerMaxMs = 1_000;
const standardOutput = 1;
const standardError = 2;

/** Runs the server until SIGINT or SIGTERM; exits with 0 after a clean stop, 1 when it cannot start. */
async function main(): Promise<number> {
  const stop = new AbortController();
  // A second signal does not wait for the calls that are still live.
  const hurry = new AbortController();
  const stopped = new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve()));
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => (stop.signal.aborted ? hurry : stop).abort());
  try {
    const config = toConfig(readEnv());
    const app = await openApp(config);
    const { takenUp, finished } = app.recovered;
    const { networks, names } = config.egress;
    const lines = [
      `Offhook listens on ${app.url}`,
      ...(app.newKey === null ? [] : [`API key, shown this once: ${app.newKey}`]),
      ...(takenUp > 0 ? [`${takenUp} calls of an earlier start go on`] : []),
      ...(finished > 0 ? [`${finished} calls of an earlier start were finished and reported`] : []),
      ...(networks.length + names.length > 0
        ? ["Server URLs may also lead to what OFFHOOK_EGRESS_ALLOW names"]
        : []),
    ];
    writeSync(standardOutput, `${lines.join("\n")}\n`);
    await stopped;
    await app.close(hurry.signal);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof StoreError || isListenError(error))) throw error;
    writeSync(standardError, `${error.message}\n`);
    return 1;
  }
}

function isListenError(error: unknown): error is Error {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "syscall" in cause && cause.syscall === "listen";
}

process.exitCode = await main();
// What somebody still waits for, as a reply whose client was cut off, is nobody's any more.
ifStillThere(lingerMaxMs, () => process.exit());
