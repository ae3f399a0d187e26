import type { Bench } from "./harness/bench.ts";
import { openChild } from "./harness/child.ts";
import { failover } from "./harness/failover.ts";
import { nodeRound, type Party } from "./harness/node-round.ts";
import { openShared } from "./harness/nodes.ts";
import { type Figures, interleave, type Result, rounded } from "./harness/rounds.ts";
import type { IdReceiverDoes } from "./processes/id-receiver.ts";
import type { TalkersDo } from "./processes/talkers.ts";

const all = "api,calls,delivery";
const front = "api,calls";
const rows: Record<string, readonly string[]> = {
  "1 node": [all],
  "2 nodes": [all, all],
  "3 nodes": [all, all, all],
  "1 + 1 delivery": [front, "delivery"],
  "1 + 2 delivery": [front, "delivery", "delivery"],
};
/** Enough to see that every part works. */
const quickRows = new Set(["1 node", "2 nodes", "1 + 1 delivery"]);
const sizes = {
  full: { calls: 120, warmUpSeconds: 2, seconds: 5 },
  quick: { calls: 12, warmUpSeconds: 0.1, seconds: 0.3 },
};
const topWaits = 6;

/** Servers that share a store: events acknowledged per second end to end, whose processor time they are, and failover. */
export const bench: Bench = {
  title: "events acknowledged per second with 1, 2 and 3 nodes and delivery workers; failover",
  packages: ["pg"],
  async run({ quick, rounds }, tell) {
    await using shared = await openShared();
    await using receiver = openChild<IdReceiverDoes>("id-receiver.ts");
    await using talkers = openChild<TalkersDo>("talkers.ts");
    const serverUrl = `http://127.0.0.1:${await receiver.ask("listen", undefined)}/hook`;
    const party: Party = { shared, receiver, talkers, serverUrl };
    const size = quick ? sizes.quick : sizes.full;
    const waits = new Map<string, Map<string, number>>();
    const chosen = Object.entries(rows).filter(([name]) => !quick || quickRows.has(name));
    const contenders = chosen.map(([name, roles]) => ({
      name,
      round: () => nodeRound(party, { ...size, roles }, (seen) => addTo(waits, { name, seen })),
    }));
    // Each round warms up its own nodes.
    const grown = await interleave(contenders, { rounds, warmUp: false, tell });
    const failing = [{ name: "failover", round: () => failover(party) }];
    const failed = await interleave(failing, { rounds, warmUp: false, tell });
    return {
      results: [...grown, ...failed, ...worstOf(failed)],
      verdicts: [],
      setting: [
        `${size.calls} chats over the nodes with \`api\`, each says its next when the reply is whole; ${size.warmUpSeconds} s to warm up, then ${size.seconds} s and until the last event is acknowledged; events by their id at the receiver`,
        `PostgreSQL ${shared.postgres.version}: fsync on, synchronous_commit on, a database for each round; bus NATS; each node a process`,
        "…Microseconds: processor time of an event: of all nodes, of PostgreSQL with all its processes, of NATS, of the clients, of the receiver",
        ...grown.map((result) => limitOf(result)),
        ...[...waits].map(
          ([name, seen]) => `${name}, what PostgreSQL's backends at work were at: ${inWords(seen)}`,
        ),
      ],
      leavesOut,
    };
  },
};

function addTo(
  waits: Map<string, Map<string, number>>,
  { name, seen }: { name: string; seen: ReadonlyMap<string, number> },
): void {
  const sum = waits.get(name) ?? new Map<string, number>();
  waits.set(name, sum);
  for (const [what, times] of seen) sum.set(what, (sum.get(what) ?? 0) + times);
}

function inWords(seen: ReadonlyMap<string, number>): string {
  const total = [...seen.values()].reduce((sum, times) => sum + times, 0);
  const top = [...seen].toSorted(([, one], [, other]) => other - one).slice(0, topWaits);
  return top.map(([what, times]) => `${what} ${Math.round((times / total) * 100)} %`).join(", ");
}

/** Reckoned: how many events a second are a whole core of whom. */
function limitOf({ name, median }: Result): string {
  const aCore = (figure: string): string => rounded(1e6 / (median[figure] ?? Number.NaN));
  const sum = Object.entries(median)
    .filter(([figure]) => figure.endsWith("Microseconds"))
    .reduce((total, [, value]) => total + value, 0);
  const cores = (sum * (median["eventsPerSecond"] ?? Number.NaN)) / 1e6;
  return `${name}: ${rounded(cores)} cores at work in all; a core of PostgreSQL's is full at ${aCore("postgresMicroseconds")} events a second, one of the nodes at ${aCore("nodesMicroseconds")}`;
}

function worstOf(results: readonly Result[]): Result[] {
  return results.map(({ name, median, rounds }) => ({
    name: `${name}, the worst`,
    median: Object.fromEntries(
      Object.keys(median).map((figure) => [
        figure,
        Math.max(...rounds.map((round) => round[figure] ?? Number.NaN)),
      ]),
    ) satisfies Figures,
    rounds,
  }));
}

const leavesOut = [
  "commits and WAL syncs that backends had not reported yet (they do so about once a second): in short rounds take them for rough",
  "what the bench's own looking costs PostgreSQL: a sample each 25 ms, which is in its processor time",
  "cores of their own: nodes, PostgreSQL, NATS, clients and receiver share this machine's, so the sum of their work is the limit, and not nodes",
  "a network and TLS between any of them, and a disk of PostgreSQL's own",
  "a language model: the reply is a rehearsal's, and comes at once",
  "failover when the machine goes with its node, or the network between: the process is killed, and its connections are closed at once",
];
