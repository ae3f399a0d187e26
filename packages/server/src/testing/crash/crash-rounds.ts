import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep, systemClock } from "../../clock.ts";
import type { Random } from "../../random.ts";
import { testEnv } from "../running-app.ts";
import { seededRandom } from "../seeded-random.ts";
import { type ServerProcess, startServer } from "../server-process.ts";
import { type Account, type Arrival, audit } from "./account.ts";
import { type FickleReceiver, openFickleReceiver } from "./fickle-receiver.ts";
import { type Acknowledgements, journalIn, noAcknowledgements, putUnderLoad } from "./load.ts";

export type CrashRounds = {
  rounds: number;
  seed: number;
  /** The program that is killed: the server unless given. */
  program?: readonly string[];
};

export type CrashResult = {
  account: Account;
  kills: number;
  calls: number;
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
/** How long the account may take to come out even when nothing is on its way any more. */
const evenMaxMs = 3_000;

/** Starts the server, puts it under load and kills it, again and again; then lets it drain, and makes up the account. */
export async function crash({ rounds, seed, program }: CrashRounds): Promise<CrashResult> {
  const random = seededRandom(seed);
  const folder = await mkdtemp(join(tmpdir(), "offhook-crash-"));
  const receiver = await openFickleReceiver(seededRandom(seed + 1));
  const acknowledged = noAcknowledgements();
  const start = (): Promise<ServerProcess> => startServer(testEnv(folder), program);
  try {
    for (let round = 1; round <= rounds; round += 1)
      await killUnderLoad({ server: await start(), receiver, acknowledged, label: `Round ${round}` }, random);
    const last = await start();
    const result = await drain(last, { receiver, acknowledged });
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

type Sides = { receiver: { arrivals: readonly Arrival[] }; acknowledged: Acknowledgements };

/** Waits until nothing is on its way any more, and a little longer until the account comes out even. */
async function drain(server: ServerProcess, { receiver, acknowledged }: Sides) {
  const endsAt = systemClock.now() + drainMaxMs;
  let evenBy: number | undefined;
  for (;;) {
    const journal = await journalIn(server);
    const account = audit({ journal, arrivals: receiver.arrivals, acknowledged });
    const now = systemClock.now();
    if (await isDrained(server)) evenBy ??= now + evenMaxMs;
    const isEven = Object.values(account).every(({ length }) => length === 0);
    if ((evenBy !== undefined && (isEven || now > evenBy)) || now > endsAt) {
      const calls = new Set(journal.map(({ callId }) => callId)).size;
      const events = journal.filter(({ told }) => told !== null).length;
      return { account, calls, events };
    }
    await sleep(systemClock, 250);
  }
}

/** Whether nothing is on its way to a receiver any more. */
export async function isDrained({ api }: ServerProcess): Promise<boolean> {
  const counts = ["deliveries?state=pending", "deliveries?state=retrying"].map(async (query) => {
    const { body } = await api("GET", `/events/v1/${query}&size=1`);
    return Number(body["totalCount"]);
  });
  return (await Promise.all(counts)).every((count) => count === 0);
}
