import { execFile } from "node:child_process";
import { chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type EngineProcess, startEngine } from "./engine-process.ts";
import { freePort } from "./free-port.ts";

/** Debian's Postgres in a temporary folder, on a free port. */
export type PostgresServer = {
  port: number;
  /** Makes an empty database; answers the path of its address, from the name on. */
  createDatabase(name: string): Promise<void>;
  /** Ends it as a crash does (immediate shutdown), or a machine that is switched off. */
  crash(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
};

export const postgresUser = "offhook";

const run = promisify(execFile);

export async function openPostgres(): Promise<PostgresServer> {
  const programs = await programsOfPostgres();
  const user = await userForPostgres();
  const folder = await mkdtemp(join(tmpdir(), "offhook-postgres-"));
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const port = await freePort();
  const where = ["--host=127.0.0.1", `--port=${port}`, `--username=${postgresUser}`];
  const initial = ["--auth=trust", `--username=${postgresUser}`, "--encoding=UTF8", "--no-sync"];
  await run(join(programs, "initdb"), [...initial, `--pgdata=${data}`], { ...user });
  const start = (): Promise<EngineProcess> =>
    startEngine({
      command: join(programs, "postgres"),
      args: ["-D", data, "-p", `${port}`, "-c", "listen_addresses=127.0.0.1", "-k", folder],
      user,
      isReady: () => run(join(programs, "pg_isready"), where.slice(0, 2)).then(isTrue, isFalse),
    });
  let engine = await start();
  return {
    port,
    createDatabase: async (name) => void (await run(join(programs, "createdb"), [...where, name])),
    crash: () => engine.end("SIGQUIT"),
    async start() {
      engine = await start();
    },
    async close() {
      await engine.end("SIGQUIT");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const isTrue = (): boolean => true;
const isFalse = (): boolean => false;

const debianFolder = "/usr/lib/postgresql";

async function programsOfPostgres(): Promise<string> {
  const versions = await readdir(debianFolder).catch(() => []);
  const newest = versions.toSorted((one, other) => Number(other) - Number(one))[0];
  if (newest === undefined) throw new Error(`there is no Postgres in ${debianFolder}: install postgresql`);
  return join(debianFolder, newest, "bin");
}

/** Postgres does not run as root: then it runs as the user that Debian made for it. */
async function userForPostgres(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const ids = await Promise.all(["-u", "-g"].map((which) => run("id", [which, "postgres"])));
  const [uid = 0, gid = 0] = ids.map(({ stdout }) => Number(stdout));
  return { uid, gid };
}
