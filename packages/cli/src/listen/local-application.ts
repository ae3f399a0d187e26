import { sleep, systemNow } from "../clock.ts";
import type { Incoming } from "../sending/exchange.ts";
import type { Letter } from "../sending/letter.ts";
import { post, type Proof } from "../sending/signed.ts";
import { afterAttempt } from "./patience.ts";

/** One attempt at the application, as it is shown and recorded. */
export type Passed = {
  kind: "event" | "tool-call";
  /** Epoch ms. */
  at: number;
  /** In a few words. */
  what: string;
  callId: string;
  letter: Letter;
  attempt: number;
  answer: Incoming;
  /** What follows it, where something does. */
  next?: string;
};

export type Application = {
  forwardTo: string;
  proof: Proof;
  timeoutMs: number;
  onPassed: (passed: Passed) => void;
};

/** What is to be passed on, and what it is called. */
export type Passing = Pick<Passed, "kind" | "what" | "callId" | "letter">;

/** Passes an event on until the application has answered for good; `stopped` when the signal came first. */
export async function passEvent(
  application: Application,
  passing: Passing,
  signal: AbortSignal,
): Promise<"accepted" | "given-up" | "stopped"> {
  for (let attempt = 1; ; attempt += 1) {
    if (signal.aborted) return "stopped";
    const answer = await pass(application, passing, attempt);
    const after = afterAttempt(answer.answer, attempt);
    const next = after.next === "again" ? `again in ${after.afterMs / 1_000} s` : after.next;
    application.onPassed(after.next === "accepted" ? answer : { ...answer, next });
    if (after.next !== "again") return after.next;
    await sleep(after.afterMs, signal);
  }
}

/** Passes something on once. */
export async function pass(
  { forwardTo: url, proof, timeoutMs }: Application,
  passing: Passing,
  attempt: number,
): Promise<Passed> {
  const at = systemNow();
  const answer = await post({ url, letter: passing.letter, proof, attempt, timeoutMs });
  return { ...passing, at, attempt, answer };
}
