import { type ChildProcess, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { sleep, systemNow } from "../clock.ts";

/** `offhook` as a process of its own. */
export type Running = {
  /** Sends a signal as a terminal does: to it and to all that belong to it. */
  press(signal: NodeJS.Signals): void;
  /** What it has said so far, on both outputs. */
  said(): string;
  /** Waits until it has said this. */
  until(words: string | RegExp): Promise<string>;
  /** Its end: exit code and outputs. */
  ended: Promise<Ended>;
};

export type Ended = { code: number | null; stdout: string; stderr: string };

const sayMaxMs = 15_000;

/** Runs `offhook` with these arguments; `input` is what is piped in, nothing if not said. */
export function offhookCommand(
  args: readonly string[],
  given: { env?: Record<string, string>; input?: string } = {},
): Running {
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
  // In a group of its own, as a shell starts it.
  const child = spawn(process.execPath, [main, ...args], {
    detached: true,
    env: given.env ?? {},
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(given.input ?? "");
  endLater(child);
  let words = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (words += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  const ended = Promise.all([exited, text(child.stdout), text(child.stderr)]);
  return {
    press: (signal) => void (child.pid !== undefined && process.kill(-child.pid, signal)),
    said: () => words,
    until: (wanted) => untilSaid(() => words, wanted),
    ended: ended.then(([code, stdout, stderr]) => ({ code, stdout, stderr })),
  };
}

const running = new Set<ChildProcess>();

function endLater(child: ChildProcess): void {
  running.add(child);
  child.once("exit", () => running.delete(child));
}

/** Ends what a test that failed has left running. */
export function endCommands(): void {
  for (const child of running) child.kill("SIGKILL");
}

async function untilSaid(said: () => string, wanted: string | RegExp): Promise<string> {
  const isThere = (): boolean => (typeof wanted === "string" ? said().includes(wanted) : wanted.test(said()));
  const until = systemNow() + sayMaxMs;
  while (!isThere()) {
    if (systemNow() > until) throw new Error(`it never said ${String(wanted)}, but:\n${said()}`);
    await sleep(20);
  }
  return said();
}
