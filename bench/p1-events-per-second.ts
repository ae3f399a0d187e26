import type { Bench } from "./harness/bench.ts";
import { openChild } from "./harness/child.ts";
import { bodyBytes } from "./harness/event.ts";
import { openFolder } from "./harness/folder.ts";
import { inOrder } from "./harness/receiving.ts";
import { atLeast } from "./harness/report.ts";
import { interleave, ratioOf } from "./harness/rounds.ts";
import type { LimitDoes } from "./processes/limit.ts";
import type { PipelineDoes } from "./processes/pipeline.ts";
import type { ReceiverDoes } from "./processes/receiver.ts";

const calls = 500;
const roundSeconds = { full: 5, quick: 0.5 };

/** P1: durable, ordered, signed events per second, against a loop that only signs and posts. */
export const bench: Bench = {
  title: "durable, ordered, signed events per second, against the bare loop",
  packages: ["undici"],
  async run({ quick, rounds }, tell) {
    await using folder = await openFolder();
    await using receiver = openChild<ReceiverDoes>("receiver.ts");
    await using limit = openChild<LimitDoes>("limit.ts");
    await using offhook = openChild<PipelineDoes>("pipeline.ts");
    const port = await receiver.ask("listen", { addresses: ["127.0.0.1"] });
    const url = `http://127.0.0.1:${port}/hook`;
    await offhook.ask("open", { folder: folder.path, url, calls });
    const seconds = quick ? roundSeconds.quick : roundSeconds.full;
    const ordered = inOrder(receiver);
    const contenders = [
      { name: "limit", round: () => limit.ask("round", { url, seconds, calls }) },
      { name: "offhook", round: () => ordered(() => offhook.ask("round", { seconds })) },
    ];
    const results = await interleave(contenders, { rounds, warmUp: !quick, tell });
    const ratio = ratioOf(results, "eventsPerSecond", { name: "offhook", to: "limit" });
    return {
      results,
      verdicts: [atLeast("offhook / limit", ratio, 0.5)],
      setting: [
        `events of ${bodyBytes} bytes for ${seconds} s a round, until the last is accepted; ${calls} calls, one receiver`,
      ],
      leavesOut,
    };
  },
};

const leavesOut = [
  "a network between the two, TLS, and the receiver's own work: it is on this machine and answers 200",
  "what a call does besides (model, live sockets, HTTP API): the journal is written to directly",
  "the limit keeps nothing, retries nothing and keeps no order; its receiver is the same process",
];
