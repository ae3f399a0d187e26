import { join } from "node:path";
import type { CallId } from "@offhook/protocol";
import { openApp, toConfig } from "@offhook/server";
import { openSqliteStore } from "@offhook/server/testing";
import type { Bench, Tell } from "./harness/bench.ts";
import { openFolder } from "./harness/folder.ts";
import { atMost } from "./harness/report.ts";
import { interleave, type Result } from "./harness/rounds.ts";
import { entriesPerCall, writeCalls } from "./harness/written-calls.ts";

const sizes = { full: 100_000, quick: 200 };
const targetMs = 300;
const apiKey = "a-key-for-benches-only";
const limit = "no store at all (limit)";

/** What the page asks of a large store, and how long the answers take. */
export const bench: Bench = {
  title: "what the page asks, with a large store",
  packages: [],
  async run({ quick, rounds }, tell) {
    await using folder = await openFolder();
    const calls = quick ? sizes.quick : sizes.full;
    const middle = await fill(folder.path, { calls, tell });
    const results = await measure(folder.path, { middle, rounds });
    const asked = results.filter(({ name }) => name !== limit);
    const medians = asked.map(({ median }) => median["ms"] ?? Number.NaN);
    const all = asked.flatMap((result) => result.rounds.map((round) => round["ms"] ?? Number.NaN));
    return {
      results,
      verdicts: [
        atMost("slowest median, ms", Math.max(...medians), targetMs),
        atMost("slowest request of all, ms", Math.max(...all), targetMs),
      ],
      setting: [
        `${calls} calls over a week with ${calls * entriesPerCall} entries, six of each call told to its Server URL; one call in a hundred has dead letters, one in a thousand still waits`,
        "ms: from the request to the end of its answer, on the same machine; each is asked once a round, and the first round counts as well: a person's first look",
        `${limit}: GET /healthz, the way through the server without the store`,
      ],
      leavesOut: [
        "what the browser does with the answer",
        "calls that go on and events that are delivered meanwhile",
      ],
    };
  },
};

/** Answers with the id of a call in the middle of all. */
async function fill(path: string, { calls, tell }: { calls: number; tell: Tell }): Promise<CallId> {
  const store = await openSqliteStore(join(path, "offhook.sqlite"));
  const begunAt = performance.now();
  const middle = await writeCalls(store, calls);
  await store.close();
  tell(`${calls} calls written in ${((performance.now() - begunAt) / 1_000).toFixed(1)} s`);
  return middle;
}

async function measure(
  data: string,
  { middle, rounds }: { middle: CallId; rounds: number },
): Promise<Result[]> {
  const app = await openApp(
    toConfig({
      OFFHOOK_DATA: data,
      OFFHOOK_PORT: "0",
      OFFHOOK_API_KEY: apiKey,
      OFFHOOK_LOG_LEVEL: "error",
    }),
  );
  const contenders = Object.entries(pathsAround(middle)).map(([name, path]) => ({
    name,
    round: () => timeOf(app.url + path),
  }));
  const results = await interleave(contenders, { rounds, warmUp: false });
  await app.close();
  return results;
}

function pathsAround(middle: CallId): Record<string, string> {
  const list = "/calls/v1/conversations";
  const deliveries = "/events/v1/deliveries";
  return {
    [limit]: "/healthz",
    "calls, newest": `${list}?size=50`,
    "calls, behind one in the middle": `${list}?size=50&before=${middle}`,
    "calls, of a status": `${list}?size=50&status=finished`,
    "calls, of a status that none has": `${list}?size=50&status=ongoing`,
    "calls, of an assistant": `${list}?size=50&assistantId=asst_3`,
    "one call": `${list}/${middle}`,
    "one call's entries": `${list}/${middle}/events?limit=500`,
    "one call's deliveries": `${list}/${middle}/deliveries?size=200`,
    "deliveries, newest": `${deliveries}?size=50`,
    "deliveries, behind one in the middle": `${deliveries}?size=50&before=evt_${middle}_3`,
    "deliveries, dead": `${deliveries}?size=50&state=dead`,
    "deliveries, pending": `${deliveries}?size=50&state=pending`,
    "deliveries, of a type": `${deliveries}?size=50&type=conversation-update`,
    "deliveries, of an assistant": `${deliveries}?size=50&assistantId=asst_3`,
    "overview, an hour": "/events/v1/overview?minutes=60",
    "overview, a day": "/events/v1/overview?minutes=1440",
  };
}

async function timeOf(address: string): Promise<{ ms: number }> {
  const begunAt = performance.now();
  const answer = await fetch(address, { headers: { authorization: `Bearer ${apiKey}` } });
  await answer.text();
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  return { ms: performance.now() - begunAt };
}
