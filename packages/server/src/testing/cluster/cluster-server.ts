import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../clock.ts";
import type { Env } from "../../config.ts";
import { testEnv } from "../running-app.ts";
import { serverProgram, type ServerProcess, startServer } from "../server-process.ts";
import { freePort } from "./free-port.ts";

/** A line that a server said, with when it was heard in epoch ms. */
export type Heard = { server: string; at: number; line: string };

export type ServerPlan = {
  name: string;
  /** An address of its own on this machine. */
  host: string;
  folder: string;
  env: Env;
  /** How far its clock is ahead. */
  aheadMs: number;
  hear: (heard: Heard) => void;
};

/** One of several servers: a process at an address of its own, which it has again after every start. */
export type ClusterServer = {
  name: string;
  url: string;
  /** The process that runs; it fails when none does. */
  readonly process: ServerProcess;
  readonly isRunning: boolean;
  start(): Promise<void>;
  kill(): Promise<void>;
  /** Asks it to leave, as an orchestrator does, and waits until it has; answers its exit code. */
  leave(): Promise<number | null>;
  freeze(): void;
  thaw(): void;
};

/** Plans a server; it is not started yet. */
export async function planServer(plan: ServerPlan): Promise<ClusterServer> {
  const { name, host, hear } = plan;
  const port = await freePort(host);
  const url = `http://${host}:${port}`;
  const folder = join(plan.folder, name);
  await mkdir(folder, { recursive: true });
  const own = {
    OFFHOOK_HOST: host,
    OFFHOOK_PORT: `${port}`,
    OFFHOOK_NODE_URL: url,
    OFFHOOK_LOG_LEVEL: "info",
  };
  const env: Env = testEnv(folder, { ...own, ...plan.env });
  const say = (line: string): void => hear({ server: name, at: systemClock.now(), line });
  let running: ServerProcess | undefined;
  const present = (): ServerProcess => {
    if (running === undefined) throw new Error(`${name} does not run`);
    return running;
  };
  const ended = async (): Promise<number | null> => {
    const { exited } = present();
    const code = await exited;
    running = undefined;
    say(`— ended with ${code}`);
    return code;
  };
  return {
    name,
    url,
    get process() {
      return present();
    },
    get isRunning() {
      return running !== undefined;
    },
    async start() {
      running = await startServer(env, programFor(plan.aheadMs), say);
      say(`— started as process ${running.pid}`);
    },
    async kill() {
      say("— killed");
      present().signal("SIGKILL");
      await ended();
    },
    leave() {
      say("— asked to leave");
      present().signal("SIGTERM");
      return ended();
    },
    freeze() {
      say("— frozen");
      present().signal("SIGSTOP");
    },
    thaw() {
      say("— thawed");
      present().signal("SIGCONT");
    },
  };
}

function programFor(aheadMs: number): string[] {
  if (aheadMs === 0) return [...serverProgram];
  return ["--import", new URL(`skewed-clock.ts?ms=${aheadMs}`, import.meta.url).href, ...serverProgram];
}
