import type { Bench } from "./harness/bench.ts";
import { openChild } from "./harness/child.ts";
import { bodyBytes } from "./harness/event.ts";
import { openFolder } from "./harness/folder.ts";
import { atMost } from "./harness/report.ts";
import { interleave, ratioOf } from "./harness/rounds.ts";
import type { PacedDoes } from "./processes/paced.ts";
import type { ReceiverDoes } from "./processes/receiver.ts";

const full = { urls: 500, calls: 1_000, perSecond: 1_000, seconds: 5 };
const quick = { urls: 10, calls: 20, perSecond: 100, seconds: 1 };

/** P11: what one Server URL that never answers does to the others. */
export const bench: Bench = {
  title: "one dead Server URL among 500: the latency of the others",
  packages: ["undici"],
  async run(options, tell) {
    const { urls: count, calls, ...pace } = options.quick ? quick : full;
    await using folders = await openFolder();
    await using others = await openFolder();
    await using receiver = openChild<ReceiverDoes>("receiver.ts");
    await using healthy = openChild<PacedDoes>("paced.ts");
    await using mixed = openChild<PacedDoes>("paced.ts");
    const addresses = Array.from({ length: count }, (_, number) => addressOf(number));
    const port = await receiver.ask("listen", { addresses });
    const silentPort = await receiver.ask("listenSilently", { address: "127.0.0.1" });
    const urls = addresses.map((address) => `http://${address}:${port}/hook`);
    const dead = `http://127.0.0.1:${silentPort}/hook`;
    const apart = urls.at(-1) ?? "";
    await healthy.ask("open", { folder: folders.path, urls, calls });
    await mixed.ask("open", { folder: others.path, urls: [...urls.slice(0, -1), dead], calls, apart: dead });
    const contenders = [
      { name: "all answer", round: () => healthy.ask("round", { ...pace, apart }) },
      { name: "one never answers", round: () => mixed.ask("round", { ...pace, apart: dead }) },
    ];
    const results = await interleave(contenders, { rounds: options.rounds, warmUp: !options.quick, tell });
    const of = { name: "one never answers", to: "all answer" };
    return {
      results,
      verdicts: [
        atMost("p99 with it / p99 without", ratioOf(results, "p99Ms", of), 1.1),
        atMost("the same from when it was due", ratioOf(results, "fromDueP99Ms", of), 1.1),
      ],
      setting: [
        `${count} origins, ${calls} calls in turn, ${pace.perSecond} events of ${bodyBytes} bytes a second, ${pace.seconds} s a round`,
        "the dead one takes connections and requests and never answers; its own events are not counted",
      ],
      leavesOut: [
        "a network, TLS, and the receivers' own work: they are one process at 500 addresses of this machine",
        "more than one dead receiver, and one that comes back",
      ],
    };
  },
};

/** An address of this machine for each receiver: each is an origin of its own. */
function addressOf(number: number): string {
  return `127.0.${1 + Math.floor(number / 250)}.${1 + (number % 250)}`;
}
