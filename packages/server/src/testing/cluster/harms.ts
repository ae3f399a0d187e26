import { sleep, systemClock } from "../../clock.ts";
import type { Random } from "../../random.ts";
import type { Cluster, ClusterMember } from "./cluster.ts";

/** Servers under load, to be done harm. */
export type Scene = {
  cluster: Cluster;
  random: Random;
  /** Whether outages are only as long as they must be to have an effect. */
  isBrief: boolean;
  /** Says that from now on calls may have nobody, until another takes them. */
  harmed: () => void;
  /** Says what no client should have seen. */
  failed: (what: string) => void;
};

export type HarmCase = {
  /** In one sentence, what is done. */
  what: string;
  /** One for each server: how far its clock is ahead, in ms. */
  aheadMs: readonly number[];
  shares: "engines" | "nothing";
  /** Whether connections may break under a request. */
  mayBreak: boolean;
  /** Settles when everything is there again. */
  harm: (scene: Scene) => Promise<void>;
};

const three = { aheadMs: [0, 0, 0], shares: "engines", mayBreak: true } as const;

/** Longer than a lease and two looks of the others, so that all that is to be taken was taken. */
const takenWithinMs = 6_000;
const postgresGoneMs = 30_000;
const frozenMs = 10_000;
const cutMs = 20_000;
const natsGoneMs = 5_000;
const betweenMs = 1_000;
const skewMs = 300_000;

export const harmCases = {
  "one-server": {
    what: "the only server is killed and started again",
    aheadMs: [0],
    shares: "nothing",
    mayBreak: true,
    harm: async (scene) => killAndStart(scene, victim(scene), betweenMs),
  },
  kill: {
    ...three,
    what: "a node is killed, and another started in its place",
    harm: async (scene) => killAndStart(scene, victim(scene), takenWithinMs),
  },
  postgres: {
    ...three,
    what: "Postgres is gone at once, and back after a while",
    async harm({ cluster: { engines }, isBrief, harmed }) {
      await engines?.postgres.crash();
      await pause(isBrief ? takenWithinMs : postgresGoneMs);
      await engines?.postgres.start();
      harmed();
      await pause(takenWithinMs);
    },
  },
  nats: {
    ...three,
    what: "NATS is killed and started again",
    async harm({ cluster: { engines }, isBrief, harmed }) {
      harmed();
      await engines?.nats.kill();
      await pause(isBrief ? betweenMs : natsGoneMs);
      await engines?.nats.start();
      await pause(betweenMs);
    },
  },
  "no-postgres": {
    ...three,
    what: "one node is cut off from Postgres, and only from that",
    harm: (scene) => cutOff(scene, ["toStore"]),
  },
  "no-nats": {
    ...three,
    what: "one node is cut off from NATS, and only from that",
    harm: (scene) => cutOff(scene, ["toBus"]),
  },
  "no-both": {
    ...three,
    what: "one node is cut off from Postgres and from NATS",
    harm: (scene) => cutOff(scene, ["toStore", "toBus"]),
  },
  frozen: {
    ...three,
    what: "a node stands still, and wakes with what it believed",
    async harm(scene) {
      const { server } = victim(scene);
      server.freeze();
      scene.harmed();
      await pause(frozenMs);
      server.thaw();
      await pause(betweenMs);
    },
  },
  skewed: {
    ...three,
    what: "clocks are five minutes wrong, and calls change hands between those nodes",
    aheadMs: [skewMs, 0, -skewMs],
    async harm(scene) {
      const [ahead, right] = scene.cluster.members;
      for (const member of [right, ahead]) {
        if (member === undefined) continue;
        await killAndStart(scene, member, takenWithinMs);
        await pause(betweenMs);
      }
    },
  },
  rolling: {
    ...three,
    what: "all nodes are restarted, one after another",
    mayBreak: false,
    async harm(scene) {
      for (const { server } of scene.cluster.members) {
        scene.harmed();
        const code = await server.leave();
        if (code !== 0) scene.failed(`${server.name} left with ${code}`);
        await server.start();
        await pause(betweenMs);
      }
    },
  },
} satisfies Record<string, HarmCase>;

export type CaseName = keyof typeof harmCases;

function pause(ms: number): Promise<void> {
  return sleep(systemClock, ms);
}

function victim({ cluster: { members }, random }: Scene): ClusterMember {
  const member = members[Math.floor(random.fraction() * members.length)];
  if (member === undefined) throw new Error("there is no server");
  return member;
}

async function killAndStart({ harmed }: Scene, { server }: ClusterMember, afterMs: number): Promise<void> {
  harmed();
  await server.kill();
  await pause(afterMs);
  await server.start();
}

/** Half of the time connections break, otherwise nothing gets through. */
async function cutOff(scene: Scene, which: readonly ("toStore" | "toBus")[]): Promise<void> {
  const { links } = victim(scene);
  const how = scene.random.fraction() < 0.5 ? "cut" : "stall";
  scene.harmed();
  for (const link of which) links?.[link][how]();
  await pause(scene.isBrief ? takenWithinMs : cutMs);
  for (const link of which) links?.[link].mend();
  await pause(betweenMs);
}
