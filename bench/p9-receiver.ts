import { randomBytes } from "node:crypto";
import type { Bench } from "./harness/bench.ts";
import { type Child, openChild } from "./harness/child.ts";
import { drive } from "./harness/drive.ts";
import { atLeast } from "./harness/report.ts";
import { type Contender, type Figures, interleave, ratioOf } from "./harness/rounds.ts";
import { signedRequests } from "./harness/signed-requests.ts";
import { subjectNames, type SubjectName } from "./harness/subjects.ts";
import { sharedNowMs } from "./harness/time.ts";
import type { SubjectDoes } from "./processes/subject.ts";

const secret = `whsec_${randomBytes(32).toString("base64")}`;
const connections = 32;
const requests = { full: 10_000, quick: 200 };
/** A receiver lives for days: what V8 does in its first seconds is not what is measured. */
const warmUpRequests = { full: 20_000, quick: 200 };

/** P9: signed messages that a receiver takes, from the socket to the handler and back. */
export const bench: Bench = {
  title: "signed messages per second of the receiver SDK: verify, parse, dispatch",
  packages: ["standardwebhooks", "hono", "@hono/node-server"],
  async run({ quick, rounds }, tell) {
    await using stack = new AsyncDisposableStack();
    const count = quick ? requests.quick : requests.full;
    const contenders: Contender[] = [];
    for (const name of subjectNames) {
      const subject = await open(stack.use(openChild<SubjectDoes>("subject.ts")), name);
      await subject(quick ? warmUpRequests.quick : warmUpRequests.full);
      contenders.push({ name, round: () => subject(count) });
    }
    const results = await interleave(contenders, { rounds, warmUp: !quick, tell });
    const ratio = (to: SubjectName): number => ratioOf(results, "perSecond", { name: "offhook", to });
    return {
      results,
      verdicts: [
        atLeast("of bare node:http", ratio("bare"), 0.8),
        atLeast("of standardwebhooks + Hono", ratio("standardwebhooks+hono"), 1.5),
      ],
      setting: [
        `${count} requests of 1 KiB a round, over ${connections} connections that hold one request at a time; every id is new`,
        "each receiver is alone in its process, the same one in every round; this process signs beforehand, and drives",
        "processorMicroseconds: of the receiver's process, all its threads, for one request",
        "ratios are the median of the ratios of the same round",
      ],
      leavesOut: [
        "TLS and networks; what a handler does",
        "bare and peer look at nothing but the signature and the type: no repeated ids, no order, no limits; the bare one not at the time either",
      ],
    };
  },
};

/** Opens a receiver; what it gives sends it so many requests. */
async function open(
  child: Child<SubjectDoes>,
  name: SubjectName,
): Promise<(count: number) => Promise<Figures>> {
  const port = await child.ask("listen", { name, secret });
  let rounds = 0;
  return async (count) => {
    rounds += 1;
    const signed = signedRequests({ secret, port, count, prefix: `${rounds}` });
    const used = await child.ask("processorSeconds", null);
    const begunAt = sharedNowMs();
    await drive({ port, connections }, signed);
    const seconds = (sharedNowMs() - begunAt) / 1e3;
    const processor = (await child.ask("processorSeconds", null)) - used;
    return { perSecond: count / seconds, processorMicroseconds: (processor / count) * 1e6 };
  };
}
