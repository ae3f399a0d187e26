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
  /** Is told when it ended and nobody had ended it. */
  fell: (what: string) => void;
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
  const { name, host } = plan;
  const port = await freePort(host);
  const url = `http://${host}:${port}`;
  const folder = join(plan.folder, name);
  await mkdir(folder, { recursive: true });
  const env = testEnv(folder, {
    OFFHOOK_HOST: host,
    OFFHOOK_PORT: `${port}`,
    OFFHOOK_NODE_URL: url,
    OFFHOOK_LOG_LEVEL: "info",
    ...plan.env,
  });
  return new Planned(plan, { url, env });
}

class Planned implements ClusterServer {
  readonly name: string;
  readonly url: string;
  readonly #plan: ServerPlan;
  readonly #env: Env;
  #running: ServerProcess | undefined;
  #isToEnd = false;

  constructor(plan: ServerPlan, { url, env }: { url: string; env: Env }) {
    this.name = plan.name;
    this.url = url;
    this.#plan = plan;
    this.#env = env;
  }

  get process(): ServerProcess {
    if (this.#running === undefined) throw new Error(`${this.name} does not run`);
    return this.#running;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  async start(): Promise<void> {
    this.#isToEnd = false;
    const started = await startServer(this.#env, programFor(this.#plan.aheadMs), (line) => this.#say(line));
    this.#say(`— started as process ${started.pid}`);
    this.#running = started;
    void this.#wait(started);
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  leave(): Promise<number | null> {
    return this.#end("SIGTERM");
  }

  freeze(): void {
    this.#say("— frozen");
    this.process.signal("SIGSTOP");
  }

  thaw(): void {
    this.#say("— thawed");
    this.process.signal("SIGCONT");
  }

  async #wait({ exited }: ServerProcess): Promise<void> {
    const code = await exited;
    this.#running = undefined;
    this.#say(`— ended with ${code}`);
    if (!this.#isToEnd) this.#plan.fell(`${this.name} ended by itself, with ${code}`);
  }

  #end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
    this.#say(`— ${signal}`);
    this.#isToEnd = true;
    const { exited } = this.process;
    this.process.signal(signal);
    return exited;
  }

  #say(line: string): void {
    this.#plan.hear({ server: this.name, at: systemClock.now(), line });
  }
}

function programFor(aheadMs: number): string[] {
  if (aheadMs === 0) return [...serverProgram];
  return ["--import", new URL(`skewed-clock.ts?ms=${aheadMs}`, import.meta.url).href, ...serverProgram];
}
