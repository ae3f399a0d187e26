import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { NatsAddress } from "../nats/address.ts";

/** A sentence about why there is no NATS here; undefined when there is. */
export function natsMissing(): string | undefined {
  const { error, status } = spawnSync("nats-server", ["--version"], { stdio: "ignore" });
  const isThere = error === undefined && status === 0;
  return isThere ? undefined : "nats-server is missing: apt-get install nats-server";
}

/** Debian's `nats-server`, on a free port of this machine. */
export class NatsServer implements AsyncDisposable {
  readonly port: number;
  readonly #config: string | undefined;
  #child: ChildProcess | undefined;

  private constructor(port: number, config: string | undefined) {
    this.port = port;
    this.#config = config;
  }

  /** `config` is the path of a file of settings. */
  static async open(config?: string): Promise<NatsServer> {
    const server = new NatsServer(await freePort(), config);
    await server.start();
    return server;
  }

  /** The process, while it runs. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get address(): NatsAddress {
    return { servers: [`127.0.0.1:${this.port}`], isTls: false };
  }

  /** Starts it, again on the same port. */
  async start(): Promise<void> {
    const config = this.#config === undefined ? [] : ["--config", this.#config];
    const args = ["--addr", "127.0.0.1", "--port", String(this.port), ...config];
    const child = spawn("nats-server", args, { stdio: "ignore" });
    this.#child = child;
    while (!(await answers(this.port)))
      if (child.exitCode !== null) throw new Error(`nats-server ended with ${child.exitCode}`);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  /** It holds its connections, and does nothing. */
  pause(): void {
    this.#child?.kill("SIGSTOP");
  }

  goOn(): void {
    this.#child?.kill("SIGCONT");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once("data", () => end(true));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}
