import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { freePort, natsMissing, NatsServer, type ServerProcess, startServer } from "@offhook/server/testing";
import pg from "pg";
import { openFolder } from "./folder.ts";
import { MissingPeerError, openPostgres, type Peer } from "./peers.ts";

/** What all nodes share: PostgreSQL and NATS, each with a process of its own. */
export type Shared = AsyncDisposable & {
  postgres: Peer & { connectionString: string };
  nats: NatsServer;
  /** An empty database, and a connection to it beside those of the nodes. */
  openDatabase(): Promise<Database>;
};

export type Database = AsyncDisposable & { url: string; client: pg.Client };

export async function openShared(): Promise<Shared> {
  const missing = natsMissing();
  if (missing !== undefined) throw new MissingPeerError(missing);
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await openFolder());
  const postgres = opened.use(await openPostgres(folder.path));
  const nats = opened.use(await NatsServer.open());
  const end = (): void => void nats.kill();
  process.once("exit", end);
  opened.defer(() => void process.off("exit", end));
  const stack = opened.move();
  let databases = 0;
  return {
    postgres,
    nats,
    async openDatabase() {
      databases += 1;
      return makeDatabase(postgres.connectionString, `bench_${databases}`);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function makeDatabase(serverUrl: string, name: string): Promise<Database> {
  const first = new pg.Client({ connectionString: serverUrl });
  await first.connect();
  await first.query(`CREATE DATABASE ${name}`);
  await first.end();
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  return { url: url.href, client, [Symbol.asyncDispose]: () => client.end() };
}

export const apiKey = "a-key-for-benches-only";

/** Server processes on one database: one for each of the roles given. */
export type Nodes = AsyncDisposable & { servers: readonly ServerProcess[] };

export async function openNodes(
  { nats }: Shared,
  { database, roles }: { database: Database; roles: readonly string[] },
): Promise<Nodes> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await openFolder());
  const secretKey = randomBytes(32).toString("base64");
  const servers: ServerProcess[] = [];
  for (const [index, role] of roles.entries()) {
    const port = await freePort();
    const data = join(folder.path, String(index));
    await mkdir(data);
    const server = await startServer({
      OFFHOOK_PORT: String(port),
      OFFHOOK_NODE_URL: `http://127.0.0.1:${port}`,
      OFFHOOK_DATA: data,
      OFFHOOK_STORE: database.url,
      OFFHOOK_BUS: `nats://127.0.0.1:${nats.port}`,
      OFFHOOK_SECRET_KEY: secretKey,
      OFFHOOK_API_KEY: apiKey,
      OFFHOOK_ROLES: role,
      OFFHOOK_EGRESS_ALLOW: "loopback",
      OFFHOOK_LOG_LEVEL: "info",
    });
    const end = (): void => server.signal("SIGKILL");
    process.once("exit", end);
    opened.defer(async () => {
      process.off("exit", end);
      await server.kill();
    });
    servers.push(server);
  }
  const stack = opened.move();
  return { servers, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
