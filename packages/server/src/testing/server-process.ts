import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { systemClock } from "../clock.ts";
import type { Env } from "../config.ts";
import { apiOf } from "./running-app.ts";

/** The server as a process of its own, to be killed. */
export type ServerProcess = {
  url: string;
  pid: number;
  api: ReturnType<typeof apiOf>;
  /** Ends it at once, as the system would; settles when it is gone. */
  kill(): Promise<void>;
  /** Sends it a signal, and waits for nothing. */
  signal(signal: NodeJS.Signals): void;
  /** Ends it as Ctrl-C does; answers its exit code. */
  stop(): Promise<number | null>;
  /** Its exit code, once it has ended; null when a signal ended it. */
  exited: Promise<number | null>;
};

/** A start takes less than a second where nothing else runs. */
const startMaxMs = 60_000;

/** The command of the server, after that of Node. */
export const serverProgram = [new URL("../main.ts", import.meta.url).pathname];

/** Starts the server, or another program that is started like it, and waits until it listens; `hear` is given all that it says. */
export async function startServer(
  env: Env,
  program: readonly string[] = serverProgram,
  hear: (line: string) => void = () => undefined,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, program, { env, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", hear);
  const exited = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const url = await listening(child);
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return exited;
  };
  return {
    url,
    pid: child.pid ?? 0,
    api: apiOf(url),
    kill: async () => void (await end("SIGKILL")),
    signal: (signal) => void child.kill(signal),
    stop: () => end("SIGINT"),
    exited,
  };
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const enough = systemClock.after(startMaxMs, () =>
      reject(new Error(`the server did not start: ${text}`)),
    );
    const hear = (chunk: Buffer): void => {
      text += chunk.toString();
      const [, url] = /listens on (\S+)/u.exec(text) ?? [];
      if (url === undefined) return;
      enough();
      resolve(url);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${text}`)));
  });
}
