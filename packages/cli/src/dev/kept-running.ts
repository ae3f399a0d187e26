import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { sleep, systemNow, timedOut, within } from "../clock.ts";
import { environmentWith } from "../environment.ts";
import type { Failure } from "../failure.ts";

/** A command that is to run for as long as somebody works with it. */
export type Wished = {
  command: readonly string[];
  env: Record<string, string>;
  /** Hears its lines. */
  said: (line: string) => void;
  /** Hears that it ended and when it is started again. */
  noted: (line: string) => void;
};

/** Waits before it is started again, in ms; the last is kept. */
const restartDelaysMs = [500, 1_000, 2_000, 5_000];

/** What ran so long had started well: the waits begin anew. */
const wellMs = 10_000;

/** How long it may take to end. */
const endMaxMs = 5_000;

/** Runs a command, and again whenever it ends, until the signal; settles when it is gone. Fails when it cannot be started. */
export async function keepRunning(wished: Wished, stop: AbortSignal): Promise<Failure | undefined> {
  for (let failures = 0; !stop.aborted; failures += 1) {
    const begunAt = systemNow();
    const how = await runOnce(wished, stop);
    if (typeof how === "object") return how;
    if (stop.aborted) return undefined;
    if (systemNow() - begunAt >= wellMs) failures = 0;
    const delayMs = restartDelaysMs[Math.min(failures, restartDelaysMs.length - 1)] ?? 0;
    wished.noted(`The application ended (${how}); again in ${delayMs / 1_000} s.`);
    await sleep(delayMs, stop);
  }
  return undefined;
}

/** Answers how it ended. */
async function runOnce({ command, env, said }: Wished, stop: AbortSignal): Promise<string | Failure> {
  const [program = "", ...words] = command;
  // In a group of its own: Ctrl-C is for us, and it must live to hear how calls end.
  const child = spawn(program, words, {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: environmentWith(env),
  });
  const kill = (): void => signalTo(child, "SIGKILL");
  process.once("exit", kill);
  const gone = Promise.all([exited(child), heard(child.stdout, said), heard(child.stderr, said)]);
  const end = (): void => void ended(child, gone);
  stop.addEventListener("abort", end, { once: true });
  const [how] = await gone;
  stop.removeEventListener("abort", end);
  process.removeListener("exit", kill);
  return how;
}

async function ended(child: ChildProcess, gone: Promise<unknown>): Promise<void> {
  signalTo(child, "SIGTERM");
  if ((await within(endMaxMs, gone)) === timedOut) signalTo(child, "SIGKILL");
}

/** To it and to all that it started; nothing where all are gone. */
function signalTo({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function exited(child: ChildProcess): Promise<string | Failure> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
    child.once("error", (error) =>
      resolve({ failure: `The application cannot be started: ${error.message}.` }),
    );
  });
}

async function heard(stream: Readable, hear: (line: string) => void): Promise<void> {
  for await (const line of createInterface({ input: stream })) hear(line);
}
