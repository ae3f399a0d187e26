import { answerParent } from "../harness/child.ts";
import { Backlog } from "../harness/backlog.ts";
import { bodyBytes, paddedEvent } from "../harness/event.ts";
import { type House, openHouse, write } from "../harness/house.ts";
import { processorSeconds, sharedNowMs } from "../harness/time.ts";
import { aheadPerCallMax } from "../harness/writers.ts";

/** The server's own parts, as fast as they go: every call writes its next event as soon as the last is on disk. */
type Journal = Awaited<ReturnType<House["openJournal"]>>;
type Running = { house: House; journals: Journal[]; backlog: Backlog; padding: number };

let running: Running | undefined;

const handlers = {
  async open({ folder, url, calls }: { folder: string; url: string; calls: number }): Promise<void> {
    const backlog = new Backlog(aheadPerCallMax);
    let sentBytes = 0;
    const house = await openHouse(folder, {
      settled: ({ callId }) => backlog.settled(callId),
      egress: (egress) => ({
        ...egress,
        send: (request) => {
          if (sentBytes === 0) sentBytes = request.body?.length ?? 0;
          return egress.send(request);
        },
      }),
    });
    house.deliver();
    const journals = await Promise.all(Array.from({ length: calls }, () => house.openJournal(url)));
    running = { house, journals, backlog, padding: 0 };
    // The first event tells how much is missing to a whole body.
    await round({ seconds: 0.001 });
    running.padding = bodyBytes - sentBytes;
  },
  round,
};
export type PipelineDoes = typeof handlers;

answerParent(handlers, async () => running?.house.close());

async function round({ seconds }: { seconds: number }) {
  if (running === undefined) throw new Error("open it first");
  const { journals, backlog, padding } = running;
  const startedAt = sharedNowMs();
  const processor = processorSeconds();
  let events = 0;
  const writeOn = async (journal: Journal): Promise<void> => {
    while (sharedNowMs() < startedAt + seconds * 1e3) {
      events += 1;
      await backlog.add(journal.callId);
      await write(journal, paddedEvent(padding));
    }
  };
  await Promise.all(journals.map(writeOn));
  await backlog.empty();
  const took = (sharedNowMs() - startedAt) / 1e3;
  const used = processorSeconds() - processor;
  return { eventsPerSecond: events / took, processorMicrosecondsPerEvent: (used / events) * 1e6 };
}
