import type { Bench } from "./harness/bench.ts";
import { openChats } from "./harness/chats.ts";
import { atMost } from "./harness/report.ts";
import { mediansOf, type Result } from "./harness/rounds.ts";

const levels = { full: [1_000, 5_000, 10_000], quick: [10, 20] };
const bytesPerKiB = 1_024;

/** P7: what an idle live call takes in memory. */
export const bench: Bench = {
  title: "memory of an idle live call",
  packages: ["ws", "hono"],
  async run({ quick }, tell) {
    const chosen = quick ? levels.quick : levels.full;
    await using chats = await openChats(Math.max(...chosen));
    // What the first calls bring along once is not theirs.
    const first = Math.ceil(Math.min(...chosen) / 10);
    await chats.connect(first, "none");
    const before = await chats.bytes();
    const results: Result[] = [];
    for (const calls of chosen) {
      await chats.connect(calls, "none");
      const now = await chats.bytes();
      const each = (bytes: number): number => bytes / (calls - first) / bytesPerKiB;
      const figures = {
        heapKiBPerCall: each(now.heap - before.heap),
        residentKiBPerCall: each(now.resident - before.resident),
      };
      tell(`${calls} calls: ${figures.heapKiBPerCall.toFixed(1)} KiB of heap each`);
      results.push({ name: `${calls} calls`, median: mediansOf([figures]), rounds: [figures] });
    }
    const last = results.at(-1)?.median["heapKiBPerCall"] ?? Number.NaN;
    return {
      results,
      verdicts: [atMost(`KiB a call, of ${Math.max(...chosen)}`, last, 25)],
      setting: [
        "heap: what is in use after two full collections, with what Node holds outside of it; resident: what the system counts, which also has what was not collected yet",
        "each call is connected, welcomed nobody, and waits; its events have been delivered",
        "one round: the figure is a sum over thousands of calls",
      ],
      leavesOut: [
        "a live socket: these calls have none",
        "a conversation: what was said is in memory as long as the call lives",
      ],
    };
  },
};
