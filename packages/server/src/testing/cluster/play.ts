import { type Client, offhook } from "@offhook/client";
import { sleep, systemClock } from "../../clock.ts";
import { isDrained } from "../crash/crash-rounds.ts";
import { type FickleReceiver, openFickleReceiver } from "../crash/fickle-receiver.ts";
import { type Acknowledgements, journalIn, noAcknowledgements } from "../crash/load.ts";
import { testKey } from "../running-app.ts";
import { seededRandom } from "../seeded-random.ts";
import { AnyNode, noTally, type Tally } from "./any-node.ts";
import { auditCluster, type ClusterAccount, takeOvers } from "./cluster-account.ts";
import { endCalls, putClusterUnderLoad } from "./cluster-load.ts";
import type { Heard } from "./cluster-server.ts";
import { type Cluster, type Engines, openCluster } from "./cluster.ts";
import type { HarmCase } from "./harms.ts";

export type Play = {
  harmCase: HarmCase;
  engines: Engines | null;
  seed: number;
  isBrief: boolean;
  /** Is given all that the servers say. */
  hear: (heard: Heard) => void;
};

export type Played = {
  account: ClusterAccount;
  tally: Tally;
  calls: number;
  events: number;
  /** How long each call that changed hands had nobody, in ms. */
  takeOversMs: number[];
  /** How long all of it took. */
  seconds: number;
};

const warmUpMs = 3_000;
const calmMs = 2_000;
const asksTakeMs = 800;
/** How long the servers may take to tell everything, and the account to come out even then. */
const drainMaxMs = 60_000;
const evenMaxMs = 3_000;
/** Time enough for a request to a server that stands still, before another is asked. */
const requestMaxMs = 8_000;

/** Starts servers, puts them under load, does them harm, and makes up the account. */
export async function play({ harmCase, engines, seed, isBrief, hear }: Play): Promise<Played> {
  const random = seededRandom(seed);
  const begunAt = systemClock.now();
  const receiver = await openFickleReceiver(seededRandom(seed + 1), { asksTakeMs, failuresMax: 1 });
  const shared = harmCase.shares === "engines" ? engines : null;
  const cluster = await openCluster({ aheadMs: harmCase.aheadMs, engines: shared, hear }).catch(
    async (error: unknown) => {
      await receiver.close();
      throw error;
    },
  );
  try {
    const tally = noTally();
    const acknowledged = noAcknowledgements();
    const anyNode = new AnyNode(clientsOf(cluster), seededRandom(seed + 2), tally);
    const enough = new AbortController();
    const label = `Seed ${seed}`;
    const load = { anyNode, receiver, acknowledged, tally, random, label, enough: enough.signal };
    const loading = putClusterUnderLoad(load);
    const harmedAt: number[] = [];
    await sleep(systemClock, warmUpMs);
    await harmCase
      .harm({
        cluster,
        random: seededRandom(seed + 3),
        isBrief,
        harmed: () => harmedAt.push(systemClock.now()),
        failed: (what) => tally.failed.push(what),
      })
      .then(() => sleep(systemClock, calmMs))
      .finally(() => enough.abort());
    await loading;
    if (!(await endCalls(anyNode))) tally.failed.push("there are calls that nobody can end");
    const books = { cluster, receiver, acknowledged, begunAt, callsMayBeLost: shared === null };
    const { account, holdings, ...sizes } = await settled(books);
    tally.failed.push(...cluster.fallen, ...(harmCase.mayBreak ? [] : tally.doubtful));
    const takeOversMs = [...takeOvers(holdings, harmedAt).values()];
    return {
      account,
      tally,
      ...sizes,
      takeOversMs,
      seconds: Math.round((systemClock.now() - begunAt) / 1_000),
    };
  } finally {
    await cluster.close();
    await receiver.close();
  }
}

function clientsOf({ members }: Cluster): Client[] {
  return members.map(({ server: { url } }) =>
    offhook({ url, apiKey: testKey, limits: { retriesMax: 0, requestMaxMs } }),
  );
}

type Sides = {
  cluster: Cluster;
  receiver: FickleReceiver;
  acknowledged: Acknowledgements;
  begunAt: number;
  callsMayBeLost: boolean;
};

/** Waits until nothing is on its way any more, and a little longer until the account comes out even. */
async function settled({ cluster, receiver, ...sides }: Sides) {
  const { process } = runningOf(cluster);
  const endsAt = systemClock.now() + drainMaxMs;
  let evenBy: number | undefined;
  for (;;) {
    const journal = await journalIn(process);
    const holdings = (await cluster.witness?.holdings()) ?? [];
    const now = systemClock.now();
    const { arrivals } = receiver;
    const stamps = receiver.requests.map(stampOf);
    const account = auditCluster({ ...sides, journal, arrivals, holdings, stamps, endedAt: now });
    if (await isDrained(process)) evenBy ??= now + evenMaxMs;
    const isEven = Object.values(account).every(({ length }) => length === 0);
    if ((evenBy !== undefined && (isEven || now > evenBy)) || now > endsAt) {
      const calls = new Set(journal.map(({ callId }) => callId)).size;
      return { account, holdings, calls, events: journal.filter(({ told }) => told !== null).length };
    }
    await sleep(systemClock, 250);
  }
}

function runningOf({ members }: Cluster) {
  const running = members.find(({ server }) => server.isRunning);
  if (running === undefined) throw new Error("no server runs any more");
  return running.server;
}

function stampOf({ headers, at }: FickleReceiver["requests"][number]) {
  return { id: headers["webhook-id"] ?? "", signedAt: Number(headers["webhook-timestamp"]) * 1_000, at };
}
