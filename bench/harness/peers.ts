import { type ChildProcess, execFile, spawn } from "node:child_process";
import { access, chmod, chown, mkdir, readdir } from "node:fs/promises";
import { createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { pause } from "./time.ts";

const run = promisify(execFile);

/** A server of somebody else's that a bench has started, in a folder of its own. */
export type Peer = AsyncDisposable & { port: number; pid: number; version: string };

/** A server that this machine does not have; the sentence says how to get it. */
export class MissingPeerError extends Error {}

const startMaxMs = 30_000;
const redisBinary = "/usr/bin/redis-server";
const postgresHome = "/usr/lib/postgresql";

/** Redis, with every write on disk before it is answered. */
export async function openRedis(folder: string): Promise<Peer> {
  await needed(redisBinary, "Redis is missing: apt-get install redis-server");
  const port = await freePort();
  const settings = {
    port,
    bind: "127.0.0.1",
    dir: folder,
    appendonly: "yes",
    appendfsync: "always",
    save: "",
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(redisBinary, args, { stdio: "ignore" });
  await said(async () => (await run("redis-cli", ["-p", String(port), "ping"])).stdout.startsWith("PONG"));
  const { stdout } = await run(redisBinary, ["--version"]);
  return peerOf({ child, port, version: /v=(\S+)/u.exec(stdout)?.[1] ?? "unknown", signal: "SIGTERM" });
}

/** PostgreSQL as it is delivered: every commit on disk before it is answered. */
export async function openPostgres(folder: string): Promise<Peer & { connectionString: string }> {
  const missing = "PostgreSQL is missing: apt-get install postgresql";
  await needed(postgresHome, missing);
  const version =
    (await readdir(postgresHome)).toSorted((one, other) => Number(other) - Number(one))[0] ?? "";
  const binary = (name: string): string => join(postgresHome, version, "bin", name);
  await needed(binary("postgres"), missing);
  const who = await ownerOf(folder);
  const data = join(folder, "postgres");
  await mkdir(data);
  await chown(data, who.uid, who.gid);
  await run(binary("initdb"), ["-D", data, "-U", "bench", "-A", "trust", "--no-instructions"], who);
  const port = await freePort();
  const args = ["-D", data, "-p", String(port), "-k", data, "-c", "listen_addresses=127.0.0.1"];
  const child = spawn(binary("postgres"), args, { ...who, stdio: "ignore" });
  const ready = ["-h", "127.0.0.1", "-p", String(port)];
  await said(async () => (await run(binary("pg_isready"), ready)).stdout.includes("accepting"));
  const connectionString = `postgres://bench@127.0.0.1:${port}/postgres`;
  return { ...peerOf({ child, port, version, signal: "SIGINT" }), connectionString };
}

/** PostgreSQL refuses to run as root: then it runs as the user that its package made. */
async function ownerOf(folder: string): Promise<{ uid: number; gid: number }> {
  const { uid, gid } = userInfo();
  if (uid !== 0) return { uid, gid };
  await chmod(folder, 0o755);
  const id = async (what: string): Promise<number> => Number((await run("id", [what, "postgres"])).stdout);
  return { uid: await id("-u"), gid: await id("-g") };
}

async function needed(path: string, otherwise: string): Promise<void> {
  try {
    await access(path);
  } catch {
    throw new MissingPeerError(otherwise);
  }
}

async function said(isThere: () => Promise<boolean>): Promise<void> {
  const endsAt = Date.now() + startMaxMs;
  for (;;) {
    if (await isThere().catch(() => false)) return;
    if (Date.now() > endsAt) throw new Error(`a peer was not there after ${startMaxMs} ms`);
    await pause(50);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

function peerOf(of: { child: ChildProcess; port: number; version: string; signal: NodeJS.Signals }): Peer {
  const { child, port, version, signal } = of;
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const end = (): void => void child.kill("SIGKILL");
  process.prependOnceListener("exit", end);
  return {
    port,
    pid: child.pid ?? 0,
    version,
    async [Symbol.asyncDispose]() {
      process.off("exit", end);
      child.kill(signal);
      await exited;
    },
  };
}
