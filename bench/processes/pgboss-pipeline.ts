import { PgBoss } from "pg-boss";
import { answerParent } from "../harness/child.ts";
import { openPoster } from "../harness/poster.ts";
import { type PeerEvent, Writers } from "../harness/writers.ts";

/**
 * What a team builds on pg-boss: a job per event, in a queue of the policy
 * `key_strict_fifo`, which keeps the jobs of a key in order, also after a
 * failure. Workers take batches and are woken by NOTIFY.
 */
const queue = "events";
const connectionsMax = 20;
const workers = {
  batchSize: 250,
  localConcurrency: 2,
  pollingIntervalSeconds: 0.5,
  burstWhenBatchFull: true,
};

type Opening = { connectionString: string; url: string; calls: number };
type Running = { writers: Writers; boss: PgBoss; close(): Promise<void> };

let running: Running | undefined;

const handlers = {
  async open({ connectionString, url, calls }: Opening): Promise<void> {
    const boss = new PgBoss({ connectionString, max: connectionsMax, useListenNotify: true });
    boss.on("error", (error) => console.error(error));
    await boss.start();
    await boss.createQueue(queue, { policy: "key_strict_fifo", notify: true });
    const poster = openPoster(url);
    const writers = new Writers(calls);
    await boss.work<PeerEvent>(queue, workers, async (jobs) => {
      await Promise.all(jobs.map(({ data }) => poster.post(data.id, data.body)));
      // It is completed when this function has returned: one statement for the batch.
      setImmediate(() => {
        for (const { data } of jobs) writers.settled(data.callId);
      });
    });
    const close = async (): Promise<void> => {
      await boss.stop({ graceful: false });
      await poster.close();
    };
    running = { writers, boss, close };
  },
  round({ seconds }: { seconds: number }) {
    if (running === undefined) throw new Error("open it first");
    const { writers, boss } = running;
    return writers.round(seconds, (event) =>
      boss.send(queue, event, { singletonKey: event.callId, retryLimit: 12, retryBackoff: true }),
    );
  },
};
export type PgBossDoes = typeof handlers;

answerParent(handlers, async () => running?.close());
