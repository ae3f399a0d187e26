import type { AppDoes } from "../processes/app.ts";
import type { BareOpenAiDoes } from "../processes/bare-openai.ts";
import type { CallersDo } from "../processes/callers.ts";
import type { ModelDoes } from "../processes/model.ts";
import type { ReceiverDoes } from "../processes/receiver.ts";
import { type Child, openChild } from "./child.ts";
import { openFolder } from "./folder.ts";
import type { Figures } from "./rounds.ts";
import { pause, processorSecondsOf, sharedNowMs } from "./time.ts";

/** A whole server with callers, a model and an application, each a process, and the bare client beside it. */
export type Chats = AsyncDisposable & {
  /** Has so many calls live; `live` with a socket each. */
  connect(calls: number, lines: "live" | "none"): Promise<void>;
  /** The first so many of them talk, a turn each 2 s. */
  talk(calls: number, seconds: number): Promise<Figures>;
  /** The same, without the server. */
  talkBare(calls: number, seconds: number): Promise<Figures>;
  /** What the server holds in memory. */
  bytes(): Promise<{ heap: number; resident: number }>;
};

/** What the user said, and what the assistant said. */
const eventsOfTurn = 2;
const toldPatienceMs = 60_000;

/** How many events the application was told of, once all have come, or patience is over. */
async function toldOf(
  receiver: Child<ReceiverDoes>,
  { since, expected }: { since: number; expected: number },
): Promise<number> {
  const endsAt = sharedNowMs() + toldPatienceMs;
  for (;;) {
    const told = (await receiver.ask("count", undefined)).received - since;
    if (told >= expected || sharedNowMs() > endsAt) return told;
    await pause(20);
  }
}

function sum(figures: readonly number[]): number {
  return figures.reduce((all, one) => all + one, 0);
}

const apiKey = "a-key-for-benches-only";

export async function openChats(callsMax: number): Promise<Chats> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await openFolder());
  const receiver = opened.use(openChild<ReceiverDoes>("receiver.ts"));
  const model = opened.use(openChild<ModelDoes>("model.ts"));
  const app = opened.use(openChild<AppDoes>("app.ts", { execArgv: ["--expose-gc"] }));
  const callers = opened.use(openChild<CallersDo>("callers.ts"));
  const bare = opened.use(openChild<BareOpenAiDoes>("bare-openai.ts"));
  const port = await receiver.ask("listen", { addresses: ["127.0.0.1"] });
  const modelUrl = await model.ask("listen", undefined);
  const url = await app.ask("open", { folder: folder.path, modelUrl, callsMax, apiKey });
  await callers.ask("open", { url, apiKey, serverUrl: `http://127.0.0.1:${port}/hook` });
  await bare.ask("open", { modelUrl });
  const stack = opened.move();
  return {
    connect: (calls, lines) => callers.ask("connect", { calls, lines }),
    async talk(calls, roundSeconds) {
      const received = (await receiver.ask("count", undefined)).received;
      const load = (): number => sum([callers, model, receiver].map(({ pid }) => processorSecondsOf(pid)));
      const loadBefore = load();
      const before = await app.ask("processorSeconds", undefined);
      const figures = await callers.ask("talk", { calls, seconds: roundSeconds });
      const told = await toldOf(receiver, { since: received, expected: figures.turns * eventsOfTurn });
      const after = await app.ask("processorSeconds", undefined);
      const perTurn = (seconds: number): number => (seconds / figures.turns) * 1e3;
      return {
        ...figures,
        processorMsPerTurn: perTurn(after.all - before.all),
        mainThreadMsPerTurn: perTurn(after.main - before.main),
        loadMsPerTurn: perTurn(load() - loadBefore),
        eventsPerTurn: told / figures.turns,
      };
    },
    talkBare: (calls, seconds) => bare.ask("talk", { calls, seconds }),
    bytes: () => app.ask("bytes", undefined),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
