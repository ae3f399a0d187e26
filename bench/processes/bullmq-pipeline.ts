import { Queue, Worker } from "bullmq";
import { answerParent } from "../harness/child.ts";
import { openPoster } from "../harness/poster.ts";
import { type PeerEvent, Writers } from "../harness/writers.ts";

/**
 * What a team builds on BullMQ: a job per event, a worker that posts it. A
 * queue of BullMQ gives jobs to as many as it is told to, in no order of
 * calls; with one at a time and each call always in the same queue, events
 * stay in order as long as none fails: the retry of one does not hold back
 * those behind it.
 */
type Opening = { redisPort: number; url: string; calls: number; queues: number; concurrency: number };
type Running = { writers: Writers; queues: Queue<PeerEvent>[]; close(): Promise<void> };

let running: Running | undefined;

const handlers = {
  async open({ redisPort, url, calls, queues, concurrency }: Opening): Promise<void> {
    const connection = { host: "127.0.0.1", port: redisPort, maxRetriesPerRequest: null };
    const poster = openPoster(url);
    const writers = new Writers(calls);
    const names = Array.from({ length: queues }, (_, number) => `events-${queues}-${number}`);
    const made = names.map((name) => new Queue<PeerEvent>(name, { connection }));
    const workers = names.map((name) => {
      const worker = new Worker<PeerEvent>(name, ({ data }) => poster.post(data.id, data.body), {
        connection,
        concurrency,
      });
      worker.on("completed", ({ data }) => writers.settled(data.callId));
      worker.on("error", (error) => console.error(error));
      return worker;
    });
    await Promise.all([...made, ...workers].map((one) => one.waitUntilReady()));
    const close = async (): Promise<void> => {
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all(made.map((queue) => queue.close()));
      await poster.close();
    };
    running = { writers, queues: made, close };
  },
  round({ seconds }: { seconds: number }) {
    if (running === undefined) throw new Error("open it first");
    const { writers, queues } = running;
    return writers.round(seconds, (event) => {
      const queue = queues[numberOf(event.callId) % queues.length];
      if (queue === undefined) throw new Error("there is no queue");
      return queue.add("event", event, options);
    });
  },
};
export type BullmqDoes = typeof handlers;

const options = {
  attempts: 13,
  backoff: { type: "exponential", delay: 1_000 },
  removeOnComplete: true,
} as const;

answerParent(handlers, async () => running?.close());

/** A call always goes to the same queue. */
function numberOf(callId: string): number {
  return Number.parseInt(callId.slice(3, 11), 16);
}
