import type { IdReceiverDoes } from "../processes/id-receiver.ts";
import type { TalkersDo } from "../processes/talkers.ts";
import type { Child } from "./child.ts";
import { apiKey, type Database, type Nodes, openNodes, type Shared } from "./nodes.ts";
import { lookAt, type Profile, processorSecondsOfAll } from "./profile.ts";
import type { Figures } from "./rounds.ts";
import { pause, processorSecondsOf, sharedNowMs } from "./time.ts";

/** Everybody who takes part in rounds with several nodes. */
export type Party = {
  shared: Shared;
  receiver: Child<IdReceiverDoes>;
  talkers: Child<TalkersDo>;
  serverUrl: string;
};

export type RoundPlan = { roles: readonly string[]; calls: number; warmUpSeconds: number; seconds: number };

const drainMaxMs = 60_000;

/** One round on nodes and a database of its own: a part to warm up that does not count, then what does, to the last event. */
export async function nodeRound(
  party: Party,
  plan: RoundPlan,
  hear: (waits: Profile["waits"]) => void,
): Promise<Figures> {
  const { shared, talkers, serverUrl } = party;
  await using database = await shared.openDatabase();
  await using nodes = await openNodes(shared, { database, roles: plan.roles });
  const urls = nodes.servers.filter((_, index) => plan.roles[index]?.includes("api")).map(({ url }) => url);
  const before = (await party.receiver.ask("count", undefined)).distinct;
  await talkers.ask("open", { urls, apiKey, serverUrl, calls: plan.calls });
  await talkers.ask("talk", { seconds: plan.warmUpSeconds });
  await allTold(party, { database, before });
  const counted = await talkAndCount(party, { nodes, database, before, seconds: plan.seconds });
  hear(counted.waits);
  return counted.figures;
}

type Counting = { nodes: Nodes; database: Database; before: number; seconds: number };

async function talkAndCount(party: Party, { nodes, database, before, seconds }: Counting) {
  const { shared, receiver, talkers } = party;
  const usedBy = () => ({
    nodes: nodes.servers.reduce((sum, { pid }) => sum + processorSecondsOf(pid), 0),
    postgres: processorSecondsOfAll(shared.postgres.pid),
    nats: processorSecondsOf(shared.nats.pid),
  });
  const toldBefore = await receiver.ask("count", undefined);
  const used = usedBy();
  const profiled = await lookAt(database);
  const startedAt = sharedNowMs();
  const talk = await talkers.ask("talk", { seconds });
  const told = await allTold(party, { database, before });
  const usedAfter = usedBy();
  const profile = await profiled();
  const events = told.distinct - toldBefore.distinct;
  if (told.outOfOrder > toldBefore.outOfOrder || told.repeated > toldBefore.repeated)
    throw new Error("events came out of order, or again, and no node was harmed");
  const each = (value: number): number => (value / events) * 1e6;
  const postgres = each(usedAfter.postgres - used.postgres);
  const figures: Figures = {
    eventsPerSecond: (events / (told.lastNewAt - startedAt)) * 1e3,
    turns: talk.turns,
    nodesMicroseconds: each(usedAfter.nodes - used.nodes),
    postgresMicroseconds: postgres,
    natsMicroseconds: each(usedAfter.nats - used.nats),
    loadMicroseconds: each(talk.processorSeconds),
    receiverMicroseconds: each(told.processorSeconds - toldBefore.processorSeconds),
    ...writtenOf(profile, events),
  };
  return { figures, waits: profile.waits };
}

function writtenOf(profile: Profile, events: number): Figures {
  return {
    activeBackends: profile.active,
    commitsPerEvent: profile.commits / events,
    walBytesPerEvent: profile.walBytes / events,
    walSyncsPerEvent: profile.walSyncs / events,
  };
}

/** Waits until the receiver has had every event that is in the store, each by its id. */
async function allTold({ receiver }: Party, { database, before }: { database: Database; before: number }) {
  const endsAt = sharedNowMs() + drainMaxMs;
  for (;;) {
    const expected = await eventsIn(database);
    const told = await receiver.ask("count", undefined);
    if (told.distinct - before === expected) return told;
    if (sharedNowMs() > endsAt)
      throw new Error(`${told.distinct - before} of ${expected} events were told within ${drainMaxMs} ms`);
    await pause(20);
  }
}

async function eventsIn({ client }: Database): Promise<number> {
  const { rows } = await client.query<{ events: string }>("SELECT sum(last) AS events FROM offhook.lanes");
  return Number(rows[0]?.events ?? Number.NaN);
}
