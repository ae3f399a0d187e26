import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

/** A command that was typed in a terminal. */
export type Typed = {
  /** What it has said so far, on both outputs. */
  said(): string;
  /** Waits until it has said this; fails when it ends without. */
  until(wanted: RegExp): Promise<string>;
  /** Its exit code. */
  ended: Promise<number | null>;
  /** Ctrl-C. */
  interrupt(): Promise<number | null>;
};

export type Typing = { folder: string; env: Readonly<Record<string, string | undefined>>; input?: string };

const running = new Set<ChildProcess>();

/** Runs a command in a folder, as somebody types it. */
export function typed([command = "", ...args]: readonly string[], { folder, env, input }: Typing): Typed {
  // In a group of its own, as a shell starts it: Ctrl-C is for all of it.
  const child = spawn(command, args, {
    cwd: folder,
    env,
    detached: true,
    stdio: "pipe",
  });
  running.add(child);
  let words = "";
  const heard = new EventTarget();
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      words += chunk.toString();
      heard.dispatchEvent(new Event("words"));
    });
  child.stdin.end(input ?? "");
  const ended = once(child, "close").then(([code]: (number | null)[]) => {
    running.delete(child);
    return code ?? null;
  });
  return {
    said: () => words,
    until: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => (wanted.test(words) ? resolve(words) : undefined);
        heard.addEventListener("words", look);
        child.once("close", () => reject(new Error(`it never said ${String(wanted)}, but:\n${words}`)));
        look();
      }),
    ended,
    interrupt() {
      kill(child, "SIGINT");
      return ended;
    },
  };
}

/** Ends what a test that failed has left running. */
export function endAll(): void {
  for (const child of running) kill(child, "SIGKILL");
}

function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined) process.kill(-pid, signal);
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const place = server.address();
  server.close();
  await once(server, "close");
  return typeof place === "object" ? (place?.port ?? 0) : 0;
}
