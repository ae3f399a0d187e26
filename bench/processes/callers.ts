import { liveUpdate } from "@offhook/protocol";
import { offhook } from "@offhook/client";
import { assistantFor } from "../harness/assistant.ts";
import { answerParent } from "../harness/child.ts";
import { openLiveLine } from "../harness/live-line.ts";
import { sharedNowMs } from "../harness/time.ts";
import { NoReplyError, replyMaxMs, type Stamp, stampIn, type Talk, talkOn } from "../harness/turns.ts";

/** People in chats: each has a call and its live socket, and talks over that. */
type Opening = { url: string; apiKey: string; serverUrl: string };

const connectAtOnce = 16;
let opening: Opening | undefined;
let assistantId = "";
const lines: Line[] = [];

const handlers = {
  async open(given: Opening): Promise<void> {
    opening = given;
    const saved = await offhook(given).assistants.create(assistantFor(given.serverUrl));
    if (!saved.ok) throw new Error(saved.problem.detail);
    assistantId = saved.value._id;
  },
  /** Makes calls until there are so many; without a line they are only held. */
  async connect({ calls, lines: kind }: { calls: number; lines: "live" | "none" }): Promise<void> {
    let made = lines.length;
    const connectOn = async (): Promise<void> => {
      while (made < calls) {
        made += 1;
        const liveUrl = await connect();
        lines.push(await openLine(kind === "live" ? liveUrl : undefined));
      }
    };
    await Promise.all(Array.from({ length: connectAtOnce }, connectOn));
  },
  /** The first so many talk. */
  talk: ({ calls, seconds }: { calls: number; seconds: number }) =>
    talkOn(
      lines.slice(0, calls).map(
        (line): Talk =>
          (text) =>
            line.say(text),
      ),
      seconds,
    ),
};
export type CallersDo = typeof handlers;

answerParent(handlers);

async function connect(): Promise<string> {
  if (opening === undefined) throw new Error("open it first");
  const call = await offhook(opening).calls.connect({ assistantId, callType: "chat" });
  if (!call.ok) throw new Error(call.problem.detail);
  return call.value.monitor.liveUrl;
}

type Line = { say: Talk };

const noLine: Line = { say: () => Promise.reject(new Error("this call has no line")) };

async function openLine(liveUrl: string | undefined): Promise<Line> {
  if (liveUrl === undefined) return noLine;
  const live = await openLiveLine(liveUrl);
  const say: Talk = (text) =>
    new Promise((resolve, reject) => {
      let first: { firstTokenAt: number; stamp: Stamp } | undefined;
      const limit = setTimeout(() => reject(new NoReplyError()), replyMaxMs);
      live.hear = (kind, update) => {
        if (kind === "error") reject(new Error(update));
        if (kind === "delta") first ??= { firstTokenAt: sharedNowMs(), stamp: stampOf(update) };
        if (kind !== "message" || !update.includes('"role":"assistant"')) return;
        clearTimeout(limit);
        resolve(first ?? { firstTokenAt: sharedNowMs(), stamp: stampOf(update) });
      };
      live.say(text);
    });
  return { say };
}

/** The times of the model stand in the first text of a reply. */
function stampOf(update: string): Stamp {
  const read = liveUpdate.parse(JSON.parse(update));
  if (read.type === "delta") return stampIn(read.text);
  return stampIn(read.type === "message" && read.message.role === "assistant" ? read.message.text : "");
}
