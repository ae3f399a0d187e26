import type { Bench } from "./harness/bench.ts";
import { openChats } from "./harness/chats.ts";
import { atLeast } from "./harness/report.ts";
import { mediansOf, type Figures, type Result } from "./harness/rounds.ts";

const levels = { full: [250, 500, 750, 1_000, 1_500, 2_000, 3_000], quick: [5, 10] };
const seconds = { full: 6, quick: 2 };
/** So many are measured whatever the p99 is: the processor time of a turn says what one core carries. */
const measuredAlways = 1_000;
/** Of in and out together, as P4 takes them. */
const p99MaxMs = 50;

/** P6: how many chat calls one process holds live, while all of them talk. */
export const bench: Bench = {
  title: "chat calls held live in one process, at one turn each 2 s",
  packages: ["openai", "undici", "ws", "hono"],
  async run({ quick, rounds }, tell) {
    const chosen = quick ? levels.quick : levels.full;
    await using chats = await openChats(Math.max(...chosen));
    const results: Result[] = [];
    for (const calls of chosen) {
      await chats.connect(calls, "live");
      const measured: Figures[] = [];
      for (let round = 0; round < rounds; round += 1)
        measured.push(await chats.talk(calls, quick ? seconds.quick : seconds.full));
      const result = { name: `${calls} calls`, median: mediansOf(measured), rounds: measured };
      results.push(result);
      const p99Ms = result.median["bothP99Ms"] ?? Number.NaN;
      tell(`${calls} calls: p99 ${p99Ms.toFixed(1)} ms`);
      if (!(p99Ms <= p99MaxMs) && calls >= measuredAlways) break;
    }
    const firstLost = results.findIndex(({ median }) => !((median["bothP99Ms"] ?? Infinity) <= p99MaxMs));
    const held = chosen.slice(0, firstLost === -1 ? results.length : firstLost);
    return {
      results,
      verdicts: [atLeast("calls held with p99 ≤ 50 ms", Math.max(0, ...held), 2_000)],
      setting: [
        `steps of calls, ${rounds} rounds each, until the p99 of what the server adds is above ${p99MaxMs} ms, but up to ${measuredAlways}`,
        "processorMsPerTurn: of the server's process; mainThreadMsPerTurn: of its main thread, of which one core carries 2,000 ms divided by it; loadMsPerTurn: of callers, model and application",
        "in… and out… as in P4, from when the words were due",
      ],
      leavesOut: [
        "callers, model and application have no machine of their own: loadMsPerTurn is taken from the same cores",
        "there is no peer: what others publish is of voice calls",
        "tools and analyses",
      ],
    };
  },
};
