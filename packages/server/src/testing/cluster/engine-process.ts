import { type ChildProcess, spawn } from "node:child_process";
import { sleep, systemClock } from "../../clock.ts";

/** An engine of others, such as a database, as a process of its own. */
export type EngineProcess = {
  /** Ends it with a signal; settles when it is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
};

export type EngineProgram = {
  command: string;
  args: readonly string[];
  /** As whom it runs; as we do, unless it is given. */
  user?: { uid: number; gid: number } | undefined;
  /** Whether it does its work by now. */
  isReady: () => Promise<boolean>;
};

const startMaxMs = 30_000;
const lookEveryMs = 50;

/** Starts an engine, and waits until it is ready. */
export async function startEngine(program: EngineProgram): Promise<EngineProcess> {
  const { command, args, user, isReady } = program;
  const child = spawn(command, args, { ...user, stdio: ["ignore", "pipe", "pipe"] });
  const words = lastWordsOf(child);
  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(`it ended with ${code ?? signal}`));
  });
  const gone = new AbortController();
  void exited.then(() => gone.abort());
  const endsAt = systemClock.now() + startMaxMs;
  while (!gone.signal.aborted && !(await isReady())) {
    if (systemClock.now() > endsAt) child.kill("SIGKILL");
    await sleep(systemClock, lookEveryMs, gone.signal);
  }
  if (gone.signal.aborted) throw new Error(`${command} did not start: ${await exited}\n${words()}`);
  return {
    async end(signal) {
      child.kill(signal);
      await exited;
    },
  };
}

/** What it said last, for when it does not start. */
function lastWordsOf(child: ChildProcess): () => string {
  let words = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (piece: Buffer) => (words = (words + piece.toString()).slice(-2_000)));
  return () => words;
}
