import type { Client } from "@offhook/client";
import { sleep, systemNow } from "../clock.ts";
import { type Failure, failureOf } from "../failure.ts";
import { againEveryMs, isOutage, outageMaxMs } from "./outage.ts";
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
  for await (const line of lines) {
    if (signal.aborted) return "said";
    const text = line.trim();
    if (text === "") continue;
    const after = await sayUntilHeard({ client, callId, text, quiet, signal });
    if (after !== "quiet") return after;
  }
  return "said";
}

type Saying = Pick<Speaking, "client" | "callId" | "signal"> & { text: string; quiet: Quiet };

/** Says it, and waits until its turn has ended; again when the server was gone before it had heard it. */
async function sayUntilHeard(saying: Saying): Promise<"quiet" | "over" | Failure> {
  const { client, callId, text, quiet, signal } = saying;
  const endsAt = systemNow() + outageMaxMs;
  for (;;) {
    const before = quiet.heard;
    const reply = await client.calls.say(callId, text, { wait: true });
    if (!reply.ok && over.has(reply.problem.code)) return "over";
    if (!reply.ok && (!isOutage(reply.problem) || systemNow() > endsAt)) return failureOf(reply.problem);
    const after = await quiet.until(signal);
    if (after !== "quiet" || reply.ok || quiet.heard > before || signal.aborted) return after;
    await sleep(againEveryMs, signal);
  }
}

const over: ReadonlySet<string> = new Set(["call-finished", "call-ending"]);
