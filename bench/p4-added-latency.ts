import type { Bench } from "./harness/bench.ts";
import { openChats } from "./harness/chats.ts";
import { atMost } from "./harness/report.ts";
import { type Contender, figureOf, interleave } from "./harness/rounds.ts";

const levels = { full: [1, 100, 500], quick: [1, 5] };
const seconds = { full: 6, quick: 2 };

/** P4: what the server adds to a turn. */
export const bench: Bench = {
  title: "what the server adds to a turn: words to the model, first token to the client",
  packages: ["openai", "undici", "ws", "hono"],
  async run({ quick, rounds }, tell) {
    const chosen = quick ? levels.quick : levels.full;
    const most = Math.max(...chosen);
    await using chats = await openChats(most);
    await chats.connect(most, "live");
    const roundSeconds = quick ? seconds.quick : seconds.full;
    const contenders = chosen.flatMap((calls): Contender[] => [
      { name: `bare openai, ${calls}`, round: () => chats.talkBare(calls, roundSeconds) },
      { name: `offhook, ${calls}`, round: () => chats.talk(calls, roundSeconds) },
    ]);
    const results = await interleave(contenders, { rounds, warmUp: !quick, tell });
    const added = (figure: string): number =>
      figureOf(results, `offhook, ${most}`, figure) - figureOf(results, `bare openai, ${most}`, figure);
    return {
      results,
      verdicts: [
        atMost(`added at ${most} calls, p50, ms`, added("bothP50Ms"), 1),
        atMost(`added at ${most} calls, p99, ms`, added("bothP99Ms"), 10),
      ],
      setting: [
        `one turn each 2 s in every call, ${roundSeconds} s a round; ${most} calls are live all the time`,
        "in…: from the moment when the words were due to the request at the model; out…: from the model's first token to the client; both…: their sum in a turn",
        "every message is told to the Server URL (eventsPerTurn); histories grow as the rounds go on, on both sides",
      ],
      leavesOut: [
        "the model's own time: it is a fake on this machine that answers at once, 12 pieces, one each 20 ms",
        "networks and TLS; client, server, model and application share this machine's cores, and hold each other up",
        "the bare client is in the place of the server: its figures have no socket to a user in them",
      ],
    };
  },
};
