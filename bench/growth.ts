import type { Bench } from "./harness/bench.ts";
import { openChild } from "./harness/child.ts";
import { openFolder } from "./harness/folder.ts";
import { atMost } from "./harness/report.ts";
import { type Contender, figureOf, interleave } from "./harness/rounds.ts";
import type { CatchUpDoes } from "./processes/catch-up.ts";
import type { ReceiverDoes } from "./processes/receiver.ts";

type Case = { events: number; calls: number };

const full: Case[] = [
  ...[1, 100, 1_000, 10_000, 100_000].map((events) => ({ events, calls: Math.min(events, 500) })),
  ...[10, 100, 1_000, 10_000].map((calls) => ({ events: 20_000, calls })),
];
const warmUp: Case = { events: 5_000, calls: 100 };
const quick: Case[] = [
  { events: 1, calls: 1 },
  { events: 200, calls: 20 },
];

/** How the cost of an event grows with those that wait, and with the calls that they are of. */
export const bench: Bench = {
  title: "cost of an event as the queue and the number of calls grow",
  packages: ["undici"],
  async run(options, tell) {
    await using receiver = openChild<ReceiverDoes>("receiver.ts");
    await using offhook = openChild<CatchUpDoes>("catch-up.ts");
    const port = await receiver.ask("listen", { addresses: ["127.0.0.1"] });
    const url = `http://127.0.0.1:${port}/hook`;
    const cases = options.quick ? quick : full;
    const run = async (one: Case) => {
      await using folder = await openFolder();
      return await offhook.ask("round", { ...one, url, folder: folder.path });
    };
    const contenders = cases.map((one): Contender => ({ name: nameOf(one), round: () => run(one) }));
    if (!options.quick) await run(warmUp);
    const results = await interleave(contenders, { rounds: options.rounds, warmUp: false, tell });
    const cost = (one: Case): number => figureOf(results, nameOf(one), "processorMicrosecondsPerEvent");
    const grown = (more: Case, less: Case): number => cost(more) / cost(less);
    return {
      results,
      verdicts: options.quick
        ? []
        : [
            atMost(
              "processor time, 100,000 queued / 10,000 queued",
              grown({ events: 100_000, calls: 500 }, { events: 10_000, calls: 500 }),
              1.25,
            ),
            atMost(
              "processor time, 10,000 calls / 100 calls",
              grown({ events: 20_000, calls: 10_000 }, { events: 20_000, calls: 100 }),
              2,
            ),
          ],
      setting: [
        "the events wait in the store when the server starts, and are sent as fast as it can, in order per call",
        "time is taken from the start of delivery to the last outcome on disk; writing them is not in it",
      ],
      leavesOut: [
        "with few calls, time is the way there and back of one event after another: order forbids more",
        "the first event also pays for the first look into the store and the first connection",
        "the bounds here are ours, not of the list of targets: what grows with the square would be far above them",
      ],
    };
  },
};

function nameOf({ events, calls }: Case): string {
  return `${events} events of ${calls} calls`;
}
