import type { Bench } from "./harness/bench.ts";
import { openChild } from "./harness/child.ts";
import { bodyBytes } from "./harness/event.ts";
import { openFolder } from "./harness/folder.ts";
import { atMost } from "./harness/report.ts";
import { type Contender, figureOf, interleave } from "./harness/rounds.ts";
import type { LimitDoes } from "./processes/limit.ts";
import type { PacedDoes } from "./processes/paced.ts";
import type { ReceiverDoes } from "./processes/receiver.ts";

const calls = 500;
const paces = { full: [500, 5_000], quick: [200, 400] };
const boundsMs = [3, 5];
const roundSeconds = { full: 5, quick: 1 };

/** P3: how long an event takes from being accepted by the store to being accepted by the application. */
export const bench: Bench = {
  title: "accepted to delivered, at a steady pace",
  packages: ["undici"],
  async run({ quick, rounds }, tell) {
    await using folder = await openFolder();
    await using receiver = openChild<ReceiverDoes>("receiver.ts");
    await using limit = openChild<LimitDoes>("limit.ts");
    await using offhook = openChild<PacedDoes>("paced.ts");
    const port = await receiver.ask("listen", { addresses: ["127.0.0.1"] });
    const url = `http://127.0.0.1:${port}/hook`;
    await offhook.ask("open", { folder: folder.path, urls: [url], calls });
    const chosen = quick ? paces.quick : paces.full;
    const seconds = quick ? roundSeconds.quick : roundSeconds.full;
    const contenders = chosen.flatMap((perSecond): Contender[] => [
      { name: `bare post, ${perSecond}/s`, round: () => limit.ask("paced", { url, perSecond, seconds }) },
      { name: `offhook, ${perSecond}/s`, round: () => offhook.ask("round", { perSecond, seconds }) },
    ]);
    const results = await interleave(contenders, { rounds, warmUp: !quick, tell });
    const verdicts = chosen.map((perSecond, index) =>
      atMost(
        `p99 at ${perSecond}/s, ms`,
        figureOf(results, `offhook, ${perSecond}/s`, "p99Ms"),
        boundsMs[index] ?? Number.NaN,
      ),
    );
    return {
      results,
      verdicts,
      setting: [
        `open loop, ${calls} calls in turn, ${bodyBytes} bytes, ${seconds} s a round`,
        "p50Ms, p90Ms, p99Ms: from the store's word that it is on disk to the receiver's answer;",
        "fromDue…: from the moment when it was due by the pace, so with the write and with all waiting",
      ],
      leavesOut,
    };
  },
};

const leavesOut = [
  "a network between the two, TLS, and the receiver's own work",
  "what a call does besides: the journal is written to directly",
  "retries: the receiver accepts everything (see P11 for one that does not)",
];
