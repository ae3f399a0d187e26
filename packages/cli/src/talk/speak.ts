import type { Client } from "@offhook/client";
import { type Failure, failureOf } from "../failure.ts";
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
    const reply = await client.calls.say(callId, text, { wait: true });
    if (!reply.ok) return over.has(reply.problem.code) ? "over" : failureOf(reply.problem);
    const after = await quiet.until(signal);
    if (after !== "quiet") return after;
  }
  return "said";
}

const over: ReadonlySet<string> = new Set(["call-finished", "call-ending"]);
