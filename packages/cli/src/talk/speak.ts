import type { Client } from "@offhook/client";
import type { Problem } from "@offhook/protocol";
import { sleep, systemNow } from "../clock.ts";
import { type Failure, failureOf } from "../failure.ts";
import { awayMaxMs, firstPauseMs, isPassing, lastPauseMs } from "./passing.ts";
import { Quiet } from "./quiet.ts";

export type Speaking = {
  client: Client;
  callId: string;
  /** What the user says, line by line. */
  lines: AsyncIterable<string> | Iterable<string>;
  signal: AbortSignal;
};

/** Says line after line, each when the turn before it has ended. Answers whether all was said or the call was over first. */
export async function speak({ client, callId, lines, signal }: Speaking): Promise<"said" | "over" | Failure> {
  const quiet = new Quiet(client, callId);
  const before = await quiet.until(signal);
  if (before !== "quiet") return before;
  const said: string[] = [];
  for await (const line of lines) {
    if (signal.aborted) return "said";
    const text = line.trim();
    if (text === "") continue;
    const problem = await sayOnce({ client, callId, said, signal }, text);
    if (problem !== undefined) return over.has(problem.code) ? "over" : failureOf(problem);
    said.push(text);
    const after = await quiet.until(signal);
    if (after !== "quiet") return after;
  }
  return "said";
}

type Saying = Pick<Speaking, "client" | "callId" | "signal"> & { said: readonly string[] };

/** Says something, though the server may be lost with it: then it is said again, unless it was heard. */
async function sayOnce({ client, callId, said, signal }: Saying, text: string): Promise<Problem | undefined> {
  const heardBefore = said.filter((one) => one === text).length;
  const until = systemNow() + awayMaxMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, lastPauseMs)) {
    const reply = await client.calls.say(callId, text, { wait: true });
    if (reply.ok) return undefined;
    if (!isPassing(reply.problem) || systemNow() > until || signal.aborted) return reply.problem;
    await sleep(pauseMs, signal);
    const call = await client.calls.get(callId);
    const heard = call.ok
      ? call.value.messages.filter((one) => one.role === "user" && one.text === text)
      : [];
    if (heard.length > heardBefore) return undefined;
  }
}

const over: ReadonlySet<string> = new Set(["call-finished", "call-ending"]);
