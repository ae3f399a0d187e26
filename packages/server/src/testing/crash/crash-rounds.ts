import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventView } from "@offhook/protocol";
import { sleep, systemClock } from "../../clock.ts";
import { leaseMs } from "../../cluster/lease.ts";
import type { Env } from "../../config.ts";
import type { Random } from "../../random.ts";
import { testEnv } from "../running-app.ts";
import { seededRandom } from "../seeded-random.ts";
import { type ServerProcess, startServer } from "../server-process.ts";
import { type Account, type Arrival, audit } from "./account.ts";
import { type FickleReceiver, openFickleReceiver } from "./fickle-receiver.ts";
import { type Acknowledgements, journalIn, noAcknowledgements, putUnderLoad } from "./load.ts";

/** Where the servers keep what they must not lose, and how long it keeps what a killed one held. */
export type CrashStore = { env: Env; heldMaxMs: number };

/** In the folder: the next server takes all of it at once. */
const embedded: CrashStore = { env: {}, heldMaxMs: 0 };

/** In a database: what a killed server held is nobody's once its lease has run out, and is taken at the next look. */
export function sharedStore(url: string): CrashStore {
  const key = Buffer.alloc(32, "a key for tests ").toString("base64");
  return { env: { OFFHOOK_STORE: url, OFFHOOK_SECRET_KEY: key }, heldMaxMs: leaseMs + lookMaxMs };
}

/** A server looks every second for what nobody holds. */
const lookMaxMs = 1_500;

export type CrashRounds = {
  rounds: number;
  seed: number;
  store?: CrashStore;
  /** The program that is killed: the server unless given. */
  program?: readonly string[];
};

export type CrashResult = {
  account: Account;
  kills: number;
  calls: number;
  /** How often a call went on with another server. */
  takeUps: number;
  events: number;
  requests: number;
};

const callsPerRound = 12;
/** The server is killed after a random number of requests to its receiver, up to this, */
const arrivalsMax = 150;
/** or after so long, and then at a random instant of so many ms. */
const loadMaxMs = 4_000;
const instantMs = 50;
/** How long the last server may take to tell everything. */
const drainMaxMs = 90_000;
/** How long the account may take to come out even when nothing is on its way any more, and nothing is held by who is gone. */
const evenMaxMs = 3_000;
/** Between two looks at what is left. */
const lookEveryMs = 250;

/** Starts the server, puts it under load and kills it, again and again; then lets it drain, and makes up the account. */
export async function crash({ rounds, seed, store = embedded, program }: CrashRounds): Promise<CrashResult> {
  const random = seededRandom(seed);
  const folder = await mkdtemp(join(tmpdir(), "offhook-crash-"));
  const receiver = await openFickleReceiver(seededRandom(seed + 1));
  const acknowledged = noAcknowledgements();
  const start = (): Promise<ServerProcess> => startServer(testEnv(folder, store.env), program);
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const server = await start();
      // What the one before held is taken before, under, or after the load.
      await sleep(systemClock, random.fraction() * store.heldMaxMs);
      await killUnderLoad({ server, receiver, acknowledged, label: `Round ${round}` }, random);
    }
    const last = await start();
    const result = await drain(last, { receiver, acknowledged, evenMaxMs: evenMaxMs + store.heldMaxMs });
    await last.stop();
    return { ...result, kills: rounds, requests: receiver.arrivals.length };
  } finally {
    await receiver.close();
    await rm(folder, { recursive: true, force: true });
  }
}

type Round = {
  server: ServerProcess;
  receiver: FickleReceiver;
  acknowledged: Acknowledgements;
  label: string;
};

async function killUnderLoad(round: Round, random: Random): Promise<void> {
  const over = putUnderLoad(round, callsPerRound);
  const wanted = round.receiver.arrivals.length + Math.floor(random.fraction() * arrivalsMax);
  const endsAt = systemClock.now() + loadMaxMs;
  while (round.receiver.arrivals.length < wanted && systemClock.now() < endsAt) await sleep(systemClock, 2);
  await sleep(systemClock, random.fraction() * instantMs);
  await round.server.kill();
  await over;
}

type Sides = {
  receiver: { arrivals: readonly Arrival[] };
  acknowledged: Acknowledgements;
  evenMaxMs: number;
};

/** Waits until nothing is on its way any more, and a little longer until the account comes out even. */
async function drain(server: ServerProcess, sides: Sides) {
  const { receiver, acknowledged } = sides;
  const endsAt = systemClock.now() + drainMaxMs;
  await endCalls(server, endsAt);
  let evenBy: number | undefined;
  for (;;) {
    const journal = await journalIn(server);
    const account = audit({ journal, arrivals: receiver.arrivals, acknowledged });
    const now = systemClock.now();
    if (await isDrained(server)) evenBy ??= now + sides.evenMaxMs;
    const isEven = Object.values(account).every(({ length }) => length === 0);
    if ((evenBy !== undefined && (isEven || now > evenBy)) || now > endsAt) {
      const calls = new Set(journal.map(({ callId }) => callId)).size;
      const events = journal.filter(({ told }) => told !== null).length;
      const takeUps = journal.filter(({ data }) => data.type === "taken-up").length;
      return { account, calls, takeUps, events };
    }
    await sleep(systemClock, lookEveryMs);
  }
}

/** Calls go on over every kill; now each is to have its report, as soon as somebody holds it again. */
async function endCalls(server: ServerProcess, endsAt: number): Promise<void> {
  for (;;) {
    const live = liveIn(await journalIn(server));
    if (live.size === 0 || systemClock.now() > endsAt) return;
    for (const callId of live)
      await server.api("POST", `/calls/v1/conversations/${callId}/control`, { type: "end" });
    await sleep(systemClock, lookEveryMs);
  }
}

function liveIn(journal: readonly EventView[]): Set<string> {
  const ended = new Set<string>();
  for (const { callId, data } of journal)
    if (data.type === "status-changed" && data.status === "finished") ended.add(callId);
  return new Set(journal.map(({ callId }) => callId)).difference(ended);
}

/** Whether nothing is on its way to a receiver any more. */
export async function isDrained({ api }: ServerProcess): Promise<boolean> {
  const counts = ["deliveries?state=pending", "deliveries?state=retrying"].map(async (query) => {
    const { body } = await api("GET", `/events/v1/${query}&size=1`);
    return Number(body["totalCount"]);
  });
  return (await Promise.all(counts)).every((count) => count === 0);
}
