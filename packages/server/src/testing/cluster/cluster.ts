import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Env } from "../../config.ts";
import { NatsServer } from "../nats-server.ts";
import { openPostgres, type Postgres } from "../postgres.ts";
import { type ClusterServer, type Heard, planServer } from "./cluster-server.ts";
import { type Link, openLink } from "./link.ts";
import { openWitness, type Witness } from "./witness.ts";

/** What several servers share: they last over many clusters, each with a database of its own. */
export type Engines = { postgres: Postgres; nats: NatsServer; close(): Promise<void> };

export async function openEngines(): Promise<Engines> {
  const postgres = await openPostgres();
  const nats = await NatsServer.open().catch(async (error: unknown) => {
    await postgres.close();
    throw error;
  });
  const kill = (): void => void nats.kill();
  process.once("exit", kill);
  return {
    postgres,
    nats,
    async close() {
      process.off("exit", kill);
      await Promise.all([postgres.close(), nats.kill()]);
    },
  };
}

export type ClusterMember = {
  server: ClusterServer;
  /** Its own ways to what all share; null where it shares nothing. */
  links: { toStore: Link; toBus: Link } | null;
};

/** Servers that run, and what they said. */
export type Cluster = {
  members: readonly ClusterMember[];
  engines: Engines | null;
  /** Who held which call, as the store itself wrote it down; null for a server that shares nothing. */
  witness: Witness | null;
  /** Servers that ended by themselves. */
  fallen: readonly string[];
  close(): Promise<void>;
};

export type ClusterPlan = {
  /** One for each server: how far its clock is ahead, in ms. */
  aheadMs: readonly number[];
  /** What they share; null for a server with its own store. */
  engines: Engines | null;
  env?: Env;
  hear?: (heard: Heard) => void;
};

const firstHost = 2;
const secretKey = Buffer.alloc(32, "a key for tests ").toString("base64");

/** Starts servers on an empty store. */
export async function openCluster(plan: ClusterPlan): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), "offhook-cluster-"));
  const { aheadMs, engines, env = {}, hear = () => undefined } = plan;
  const fallen: string[] = [];
  const members: ClusterMember[] = [];
  // Also when the harness itself is stopped.
  const killAll = (): void => {
    for (const { server } of members) if (server.isRunning) server.process.signal("SIGKILL");
  };
  process.once("exit", killAll);
  const close = async (): Promise<void> => {
    process.off("exit", killAll);
    for (const { server } of members) if (server.isRunning) await server.kill();
    for (const { links } of members) await Promise.all([links?.toStore.close(), links?.toBus.close()]);
    await rm(folder, { recursive: true, force: true });
  };
  const name = `offhook_${folder.slice(-6).toLowerCase()}`;
  try {
    const database = await engines?.postgres.makeDatabase(name);
    for (const [index, ahead] of aheadMs.entries()) {
      const links = engines && (await linksTo(engines));
      const server = await planServer({
        name: String.fromCodePoint(65 + index),
        host: `127.0.0.${firstHost + index}`,
        folder,
        env: { ...(links && database && sharedBy(links, database)), ...env },
        aheadMs: ahead,
        hear,
        fell: (what) => fallen.push(what),
      });
      members.push({ server, links });
    }
    // The first one makes the tables.
    await members[0]?.server.start();
    const witness = database === undefined ? null : await openWitness(database);
    await Promise.all(members.slice(1).map(({ server }) => server.start()));
    return { members, engines, witness, fallen, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function linksTo({ postgres, nats }: Engines) {
  return {
    toStore: await openLink({ port: Number(new URL(postgres.url).port) }),
    toBus: await openLink(nats),
  };
}

function sharedBy({ toStore, toBus }: { toStore: Link; toBus: Link }, database: string) {
  const store = new URL(database);
  store.port = `${toStore.port}`;
  return {
    OFFHOOK_STORE: store.href,
    OFFHOOK_BUS: `nats://127.0.0.1:${toBus.port}`,
    OFFHOOK_SECRET_KEY: secretKey,
  };
}
