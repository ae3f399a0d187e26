import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Env } from "../../config.ts";
import { type ClusterServer, type Heard, planServer } from "./cluster-server.ts";
import { type Link, openLink } from "./link.ts";
import { type NatsServer, openNats } from "./nats-server.ts";
import { openPostgres, type PostgresServer, postgresUser } from "./postgres-server.ts";
import { openWitness, type Witness } from "./witness.ts";

/** What several servers share: they last over many clusters, each with a database of its own. */
export type Engines = { postgres: PostgresServer; nats: NatsServer; close(): Promise<void> };

export async function openEngines(): Promise<Engines> {
  const postgres = await openPostgres();
  const nats = await openNats().catch(async (error: unknown) => {
    await postgres.close();
    throw error;
  });
  return {
    postgres,
    nats,
    close: async () => void (await Promise.all([postgres.close(), nats.close()])),
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
  heard: readonly Heard[];
  close(): Promise<void>;
};

export type ClusterPlan = {
  /** One for each server: how far its clock is ahead, in ms. */
  aheadMs: readonly number[];
  /** What they share; null for a server with its own store. */
  engines: Engines | null;
  env?: Env;
};

const firstHost = 2;
const secretKey = Buffer.alloc(32, "a key for tests ").toString("base64");

/** Starts servers on an empty store. */
export async function openCluster({ aheadMs, engines, env = {} }: ClusterPlan): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), "offhook-cluster-"));
  const heard: Heard[] = [];
  const members: ClusterMember[] = [];
  const close = async (): Promise<void> => {
    for (const { server } of members) if (server.isRunning) await server.kill();
    for (const { links } of members) await Promise.all([links?.toStore.close(), links?.toBus.close()]);
    await rm(folder, { recursive: true, force: true });
  };
  const name = `offhook_${folder.slice(-6).toLowerCase()}`;
  try {
    await engines?.postgres.createDatabase(name);
    for (const [index, ahead] of aheadMs.entries()) {
      const links = engines && (await linksTo(engines));
      const server = await planServer({
        name: String.fromCodePoint(65 + index),
        host: `127.0.0.${firstHost + index}`,
        folder,
        env: { ...(links && sharedBy(links, name)), ...env },
        aheadMs: ahead,
        hear: (one) => heard.push(one),
      });
      members.push({ server, links });
    }
    // The first one makes the tables.
    await members[0]?.server.start();
    const witness = engines && (await openWitness(engines.postgres, name));
    await Promise.all(members.slice(1).map(({ server }) => server.start()));
    return { members, engines, witness, heard, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function linksTo({ postgres, nats }: Engines) {
  return { toStore: await openLink(postgres), toBus: await openLink(nats) };
}

function sharedBy({ toStore, toBus }: { toStore: Link; toBus: Link }, database: string) {
  return {
    OFFHOOK_STORE: `postgres://${postgresUser}@127.0.0.1:${toStore.port}/${database}`,
    OFFHOOK_BUS: `nats://127.0.0.1:${toBus.port}`,
    OFFHOOK_SECRET_KEY: secretKey,
  };
}
