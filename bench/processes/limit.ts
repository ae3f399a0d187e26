import { answerParent } from "../harness/child.ts";
import { keepPace } from "../harness/pace.ts";
import { bodyOf, openPoster } from "../harness/poster.ts";
import { quantile } from "../harness/statistics.ts";
import { processorSeconds, sharedNowMs } from "../harness/time.ts";

/** The limit: an undici `Pool` and an HMAC, and nothing else. Nothing is kept, nothing is in order. */
const loops = 64;

const handlers = { round, paced };
export type LimitDoes = typeof handlers;

answerParent(handlers);

async function round({ url, seconds, calls }: { url: string; seconds: number; calls: number }) {
  const poster = openPoster(url);
  const startedAt = sharedNowMs();
  const processor = processorSeconds();
  let events = 0;
  const loop = async (): Promise<void> => {
    while (sharedNowMs() < startedAt + seconds * 1e3) {
      const number = events;
      events += 1;
      const id = `evt_limit-${number % calls}_${Math.floor(number / calls) + 1}`;
      await poster.post(id, bodyOf(id));
    }
  };
  await Promise.all(Array.from({ length: loops }, loop));
  const took = (sharedNowMs() - startedAt) / 1e3;
  const used = processorSeconds() - processor;
  await poster.close();
  return { eventsPerSecond: events / took, processorMicrosecondsPerEvent: (used / events) * 1e6 };
}

/** The same at a steady pace: what machine, receiver and HTTP take of a latency. */
async function paced({ url, ...pace }: { url: string; perSecond: number; seconds: number }) {
  const poster = openPoster(url);
  const fromDue: number[] = [];
  const posts: Promise<void>[] = [];
  await keepPace(pace, (dueAt) => {
    const id = `evt_limit-${posts.length}_1`;
    posts.push(poster.post(id, bodyOf(id)).then(() => void fromDue.push(sharedNowMs() - dueAt)));
  });
  await Promise.all(posts);
  await poster.close();
  return {
    fromDueP50Ms: quantile(fromDue, 0.5),
    fromDueP90Ms: quantile(fromDue, 0.9),
    fromDueP99Ms: quantile(fromDue, 0.99),
    fromDueMaxMs: quantile(fromDue, 1),
  };
}
