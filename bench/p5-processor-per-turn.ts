import type { Bench } from "./harness/bench.ts";
import { openChats } from "./harness/chats.ts";
import { atMost } from "./harness/report.ts";
import { interleave, ratioOf } from "./harness/rounds.ts";

const full = { calls: 200, seconds: 8 };
const quick = { calls: 5, seconds: 2 };

/** P5: the processor time of a turn, all of it, against the model's client alone. */
export const bench: Bench = {
  title: "processor time of a chat turn, against the openai client alone",
  packages: ["openai", "undici", "ws", "hono"],
  async run(options, tell) {
    const { calls, seconds } = options.quick ? quick : full;
    await using chats = await openChats(calls);
    await chats.connect(calls, "live");
    const contenders = [
      { name: "bare openai", round: () => chats.talkBare(calls, seconds) },
      { name: "offhook", round: () => chats.talk(calls, seconds) },
    ];
    const results = await interleave(contenders, { rounds: options.rounds, warmUp: !options.quick, tell });
    const ratio = ratioOf(results, "processorMsPerTurn", { name: "offhook", to: "bare openai" });
    return {
      results,
      verdicts: [atMost("offhook / bare openai", ratio, 2)],
      setting: [
        `${calls} calls, one turn each 2 s, ${seconds} s a round`,
        "processorMsPerTurn: user and system time of the whole process, all its threads, over the turns: with journal, events, timers, sockets",
      ],
      leavesOut: [
        "what client, model and application use: they are other processes",
        "tools, analysis and the end of a call",
        "a turn here is 12 pieces, one each 20 ms; more pieces cost both sides more",
      ],
    };
  },
};
