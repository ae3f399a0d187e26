import { liveUpdate, type LiveUpdate } from "@offhook/protocol";
import { offhook } from "@offhook/client";
import { assistantFor } from "../harness/assistant.ts";
import { answerParent } from "../harness/child.ts";
import { sharedNowMs } from "../harness/time.ts";
import { NoReplyError, replyMaxMs, stampIn, type Talk, talkOn } from "../harness/turns.ts";

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
  const socket = new WebSocket(liveUrl);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", () => reject(new Error("a live socket could not be opened")));
  });
  let hear: (update: LiveUpdate) => void = () => undefined;
  socket.addEventListener("message", ({ data }) => hear(liveUpdate.parse(JSON.parse(String(data)))));
  const say: Talk = (text) =>
    new Promise((resolve, reject) => {
      let first: { firstTokenAt: number; text: string } | undefined;
      hear = (update) => {
        if (update.type === "delta") first ??= { firstTokenAt: sharedNowMs(), text: update.text };
        else if (update.type === "error") reject(new Error(update.message));
        else if (update.type === "message" && update.message.role === "assistant") {
          clearTimeout(limit);
          const { firstTokenAt, text: begin } = first ?? {
            firstTokenAt: sharedNowMs(),
            text: update.message.text,
          };
          resolve({ firstTokenAt, stamp: stampIn(begin) });
        }
      };
      const limit = setTimeout(() => reject(new NoReplyError()), replyMaxMs);
      socket.send(JSON.stringify({ type: "say", text }));
    });
  return { say };
}
