import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, readdirSync } from "node:fs";
import { chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { sleep, systemClock } from "../clock.ts";
import { listen } from "./listening.ts";

const run = promisify(execFile);

/** PostgreSQL in a folder of its own, on a free port; every commit is on disk before it is answered. */
export type Postgres = {
  version: string;
  url: string;
  /** Another address of the same, with a database of its own. */
  makeDatabase(name: string): Promise<string>;
  /** As a power cut would; `start` has it back on the same port. */
  kill(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
};

/** PgBouncer before it, in transaction mode. */
export type PgBouncer = { urlOf(database: string): string; close(): Promise<void> };

const home = "/usr/lib/postgresql";
const bouncer = "/usr/sbin/pgbouncer";
/** Not the name of our schema, where PostgreSQL would look by itself. */
const user = "tester";
const startMaxMs = 30_000;

/** A sentence about what is missing on this machine, or undefined. */
export function missingPostgres(): string | undefined {
  const version = newest();
  if (version === undefined || !isThere(join(home, version, "bin", "postgres")))
    return "PostgreSQL is missing: apt-get install postgresql";
  return isThere(bouncer) ? undefined : "PgBouncer is missing: apt-get install pgbouncer";
}

function newest(): string | undefined {
  if (!isThere(home)) return undefined;
  return readdirSync(home).toSorted((one, other) => Number(other) - Number(one))[0];
}

function isThere(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

type Owner = { uid: number; gid: number };

/** Neither of them runs as root: then they run as the user that their package made. */
async function owner(): Promise<Owner> {
  const { uid, gid } = userInfo();
  if (uid !== 0) return { uid, gid };
  const id = async (what: string): Promise<number> => Number((await run("id", [what, "postgres"])).stdout);
  return { uid: await id("-u"), gid: await id("-g") };
}

async function folderOf(who: Owner): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "offhook-pg-"));
  await chmod(folder, 0o755);
  await chown(folder, who.uid, who.gid);
  return folder;
}

export async function openPostgres(settings: Record<string, string> = {}): Promise<Postgres> {
  const version = newest() ?? "";
  const binary = (name: string): string => join(home, version, "bin", name);
  const who = await owner();
  const folder = await folderOf(who);
  const data = join(folder, "data");
  await run(
    binary("initdb"),
    ["-D", data, "-U", user, "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"],
    who,
  );
  const port = await freePort();
  const given = Object.entries({ listen_addresses: "127.0.0.1", ...settings });
  const args = ["-D", data, "-p", String(port), "-k", data];
  args.push(...given.flatMap(([name, value]) => ["-c", `${name}=${value}`]));
  let child: ChildProcess | undefined;
  const end = (): void => void child?.kill("SIGKILL");
  process.once("exit", end);
  const start = async (): Promise<void> => {
    child = spawn(binary("postgres"), args, { ...who, stdio: "ignore" });
    await accepted(() => run(binary("pg_isready"), ["-h", "127.0.0.1", "-p", String(port)]));
  };
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    await ended(child, signal);
    child = undefined;
  };
  await start();
  const urlOf = (database: string): string => `postgres://${user}@127.0.0.1:${port}/${database}`;
  return {
    version,
    url: urlOf("postgres"),
    start,
    kill: () => stop("SIGQUIT"),
    async makeDatabase(name) {
      await run(binary("createdb"), ["-h", "127.0.0.1", "-p", String(port), "-U", user, name]);
      return urlOf(name);
    },
    async close() {
      process.off("exit", end);
      await stop("SIGINT");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function openPgBouncer(postgres: Pick<Postgres, "url">): Promise<PgBouncer> {
  const who = await owner();
  const folder = await folderOf(who);
  const port = await freePort();
  const file = join(folder, "pgbouncer.ini");
  const { hostname, port: to } = new URL(postgres.url);
  await writeFile(
    file,
    `[databases]
* = host=${hostname} port=${to} user=${user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
max_client_conn = 200
`,
  );
  const child = spawn(bouncer, ["-q", file], { ...who, stdio: "ignore" });
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  const psql = ["-h", "127.0.0.1", "-p", String(port)];
  await accepted(() => run(join(home, newest() ?? "", "bin", "pg_isready"), psql));
  return {
    urlOf: (database) => `postgres://${user}@127.0.0.1:${port}/${database}`,
    async close() {
      process.off("exit", end);
      await ended(child, "SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function accepted(ask: () => Promise<unknown>): Promise<void> {
  const endsAt = systemClock.now() + startMaxMs;
  for (;;) {
    const isReady = await ask().then(
      () => true,
      () => false,
    );
    if (isReady) return;
    if (systemClock.now() > endsAt)
      throw new Error(`a server of the tests was not there after ${startMaxMs} ms`);
    await sleep(systemClock, 50);
  }
}

async function ended(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill(signal);
  await exit;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, "127.0.0.1");
  await new Promise((resolve) => server.close(resolve));
  return port;
}
