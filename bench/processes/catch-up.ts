import { answerParent } from "../harness/child.ts";
import { paddedEvent } from "../harness/event.ts";
import { openHouse, write } from "../harness/house.ts";
import { processorSeconds, sharedNowMs } from "../harness/time.ts";

/** How long it takes to send what waits in a store when the server starts. */
const handlers = { round };
export type CatchUpDoes = typeof handlers;

answerParent(handlers);

/** Bytes of an event besides what is padded, about. */
const padding = 100;
/** So many are written to a call at once; that they wait is what counts, not how they came. */
const perCommit = 50;

type Case = { folder: string; url: string; events: number; calls: number };

async function round(given: Case) {
  await fill(given);
  const { events } = given;
  const { promise: allSettled, resolve } = Promise.withResolvers<void>();
  let settled = 0;
  const note = (): void => {
    settled += 1;
    if (settled === events) resolve();
  };
  const house = await openHouse(given.folder, { settled: note });
  const startedAt = sharedNowMs();
  const processor = processorSeconds();
  house.deliver();
  await allSettled;
  const ms = sharedNowMs() - startedAt;
  const used = processorSeconds() - processor;
  await house.close();
  return {
    microsecondsPerEvent: (ms / events) * 1e3,
    processorMicrosecondsPerEvent: (used / events) * 1e6,
    eventsPerSecond: (events / ms) * 1e3,
  };
}

async function fill({ folder, url, events, calls }: Case): Promise<void> {
  const house = await openHouse(folder);
  const fillCall = async (_: unknown, number: number): Promise<void> => {
    const journal = await house.openJournal(url);
    let left = Math.floor(events / calls) + (number < events % calls ? 1 : 0);
    for (; left > 0; left -= perCommit) {
      const happenings = Array.from({ length: Math.min(left, perCommit) }, () => paddedEvent(padding));
      await write(journal, ...happenings);
    }
  };
  await Promise.all(Array.from({ length: calls }, fillCall));
  await house.close();
}
