import { answerParent } from "../harness/child.ts";
import { bodyBytes, paddedEvent } from "../harness/event.ts";
import { type House, openHouse, write } from "../harness/house.ts";
import { keepPace } from "../harness/pace.ts";
import { quantile } from "../harness/statistics.ts";
import { processorSeconds, sharedNowMs } from "../harness/time.ts";

/** The server's own parts at a steady pace: how long an event takes from when it was due to when it was accepted. */
type Journal = Awaited<ReturnType<House["openJournal"]>>;
type Lane = { journal: Journal; url: string; sequence: number };
type Times = { dueAt: number; writtenAt: number; deliveredAt: number };
type Opening = { folder: string; urls: readonly string[]; calls: number; apart?: string };
type Running = { house: House; lanes: Lane[]; padding: number };

/** Of an event without padding, found at the first one. */
let bareBytes = 0;
let running: Running | undefined;
const underWay = new Map<string, Times>();

const handlers = {
  /** Calls take the URLs in turn. */
  async open({ folder, urls, calls, apart }: Opening): Promise<void> {
    const house = await openHouse(folder, {
      egress: (egress) => ({
        ...egress,
        async send(request) {
          if (bareBytes === 0) bareBytes = request.body?.length ?? 0;
          const answer = await egress.send(request);
          const times = underWay.get(request.headers["webhook-id"] ?? "");
          if (times !== undefined && answer.kind === "answered" && answer.status === 200)
            times.deliveredAt = sharedNowMs();
          return answer;
        },
      }),
    });
    house.deliver();
    const open = async (number: number): Promise<Lane> => {
      const url = urls[number % urls.length] ?? "";
      return { journal: await house.openJournal(url), url, sequence: 0 };
    };
    const lanes = await Promise.all(Array.from({ length: calls }, (_, number) => open(number)));
    running = { house, lanes, padding: 0 };
    await round({ perSecond: 1_000, seconds: calls / 1_000, ...(apart === undefined ? {} : { apart }) });
    running.padding = bodyBytes - bareBytes;
  },
  round,
};
export type PacedDoes = typeof handlers;

answerParent(handlers, async () => running?.house.close());

/** Latencies of all events but those of `apart`. Fails when one was not accepted within the patience. */
async function round(given: { perSecond: number; seconds: number; apart?: string }) {
  if (running === undefined) throw new Error("open it first");
  const { lanes, padding } = running;
  const all: Times[] = [];
  const writes: Promise<void>[] = [];
  const processor = processorSeconds();
  let number = 0;
  await keepPace(given, (dueAt) => {
    const lane = lanes[number % lanes.length];
    number += 1;
    if (lane === undefined) return;
    lane.sequence += 1;
    const times = { dueAt, writtenAt: 0, deliveredAt: 0 };
    if (lane.url !== given.apart) {
      all.push(times);
      underWay.set(`evt_${lane.journal.callId}_${lane.sequence}`, times);
    }
    writes.push(write(lane.journal, paddedEvent(padding)).then(() => void (times.writtenAt = sharedNowMs())));
  });
  await Promise.all(writes);
  await delivered(all);
  underWay.clear();
  const used = processorSeconds() - processor;
  return { ...latencies(all), processorMicrosecondsPerEvent: (used / number) * 1e6 };
}

const patienceMs = 300_000;

async function delivered(all: readonly Times[]): Promise<void> {
  const endsAt = sharedNowMs() + patienceMs;
  while (all.some(({ deliveredAt }) => deliveredAt === 0)) {
    if (sharedNowMs() > endsAt) {
      const missing = all.filter(({ deliveredAt }) => deliveredAt === 0).length;
      throw new Error(`${missing} of ${all.length} events were not accepted within ${patienceMs} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function latencies(all: readonly Times[]) {
  // An answer may be read before the store's word that the entry was on disk: then nothing was waited for.
  const fromWritten = all.map(({ writtenAt, deliveredAt }) => Math.max(deliveredAt - writtenAt, 0));
  const fromDue = all.map(({ dueAt, deliveredAt }) => deliveredAt - dueAt);
  return {
    p50Ms: quantile(fromWritten, 0.5),
    p90Ms: quantile(fromWritten, 0.9),
    p99Ms: quantile(fromWritten, 0.99),
    fromDueP50Ms: quantile(fromDue, 0.5),
    fromDueP90Ms: quantile(fromDue, 0.9),
    fromDueP99Ms: quantile(fromDue, 0.99),
    fromDueMaxMs: quantile(fromDue, 1),
  };
}
