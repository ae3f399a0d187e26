import type { Bench } from "./harness/bench.ts";
import { openChild } from "./harness/child.ts";
import { bodyBytes } from "./harness/event.ts";
import { openFolder } from "./harness/folder.ts";
import { openPostgres, openRedis } from "./harness/peers.ts";
import { counting } from "./harness/receiving.ts";
import { atLeast } from "./harness/report.ts";
import { type Contender, interleave, ratioOf } from "./harness/rounds.ts";
import type { BullmqDoes } from "./processes/bullmq-pipeline.ts";
import type { PgBossDoes } from "./processes/pgboss-pipeline.ts";
import type { PipelineDoes } from "./processes/pipeline.ts";
import type { ReceiverDoes } from "./processes/receiver.ts";

const calls = 500;
const roundSeconds = { full: 4, quick: 0.5 };

/** P2: the same events through what a TypeScript team would pick. */
export const bench: Bench = {
  title: "durable, signed events per second, against BullMQ on Redis and pg-boss on PostgreSQL",
  packages: ["undici", "bullmq", "ioredis", "pg-boss"],
  async run({ quick, rounds }, tell) {
    await using folder = await openFolder();
    await using peers = await openFolder();
    await using redis = await openRedis(peers.path);
    await using postgres = await openPostgres(peers.path);
    await using receiver = openChild<ReceiverDoes>("receiver.ts");
    await using offhook = openChild<PipelineDoes>("pipeline.ts");
    await using sharded = openChild<BullmqDoes>("bullmq-pipeline.ts");
    await using unordered = openChild<BullmqDoes>("bullmq-pipeline.ts");
    await using boss = openChild<PgBossDoes>("pgboss-pipeline.ts");
    const port = await receiver.ask("listen", { addresses: ["127.0.0.1"] });
    const url = `http://127.0.0.1:${port}/hook`;
    const redisPort = redis.port;
    await offhook.ask("open", { folder: folder.path, url, calls });
    await sharded.ask("open", { redisPort, url, calls, queues: 32, concurrency: 1 });
    await unordered.ask("open", { redisPort, url, calls, queues: 1, concurrency: 64 });
    await boss.ask("open", { connectionString: postgres.connectionString, url, calls });
    const seconds = quick ? roundSeconds.quick : roundSeconds.full;
    const run = counting(receiver);
    const contenders: Contender[] = [
      { name: "offhook", round: () => run(() => offhook.ask("round", { seconds })) },
      { name: "bullmq, 32 queues", round: () => run(() => sharded.ask("round", { seconds })) },
      { name: "bullmq, no order", round: () => run(() => unordered.ask("round", { seconds })) },
      { name: "pg-boss", round: () => run(() => boss.ask("round", { seconds })) },
    ];
    const results = await interleave(contenders, { rounds, warmUp: !quick, tell });
    const against = (to: string): number => ratioOf(results, "eventsPerSecond", { name: "offhook", to });
    return {
      results,
      verdicts: [
        atLeast("offhook / bullmq in order", against("bullmq, 32 queues"), 1.5),
        atLeast("offhook / bullmq without order", against("bullmq, no order"), 1.5),
        atLeast("offhook / pg-boss", against("pg-boss"), 3),
      ],
      setting: [
        `events of ${bodyBytes} bytes for ${seconds} s a round, until the last is accepted; ${calls} calls, one receiver, ${connections}`,
        `Redis ${redis.version}: appendonly yes, appendfsync always; PostgreSQL ${postgres.version}: fsync on, synchronous_commit on`,
        ...cannot,
      ],
      leavesOut,
    };
  },
};

const connections = "32 connections each, the same signature";

const cannot = [
  "bullmq, 32 queues: a call always in the same queue, one job of a queue at a time; a retry is overtaken by what follows",
  "bullmq, no order: one queue, 64 at a time; outOfOrder counts what came in another order than it was written",
  "pg-boss: policy key_strict_fifo keeps a call's order also over retries; batches of 250, two workers, NOTIFY",
];

const leavesOut = [
  "a network: Redis, PostgreSQL and the receiver are on this machine and share its cores",
  "processorMicrosecondsPerEvent is of the Node process: what Redis and PostgreSQL use comes on top of it for the peers",
  "a log of attempts, a guard, missed, superseding: the peers' pipelines here keep and check none of it",
  "tuning beyond what their manuals name; a peer may be faster in other hands",
];
