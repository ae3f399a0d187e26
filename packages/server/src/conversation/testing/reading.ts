import { ok as must } from "node:assert/strict";
import type { Happening, HappeningOf, HappeningType } from "@offhook/protocol";
import type { ModelMessage } from "../../model.ts";
import type { Effect } from "../effect.ts";
import type { Answer, Event } from "../event.ts";
import { limits } from "../limits.ts";
import type { Line } from "./ledger.ts";

export function entriesOf<Type extends HappeningType>(
  entries: readonly Happening[],
  type: Type,
): HappeningOf<Type>[] {
  return entries.filter((entry): entry is HappeningOf<Type> => entry.type === type);
}

/** The id that an entry brings into the call. */
export function newIdOf(entry: Happening): string | undefined {
  if (entry.type === "message-added") return entry.message.messageId;
  if (entry.type === "turn-started") return entry.turnId;
  if (entry.type === "model-requested") return entry.replyId;
  return entry.type === "tool-requested" ? entry.toolCallId : undefined;
}

/** Whether what a hang names is what the call waits for. */
export function isWaitedFor({ before, waitedFor }: Line, hang: HappeningOf<"hang">["hang"]): boolean {
  const isUnheard = before.core.playback.queue.some(
    ({ said, heard, end }) => heard < said.length || end === "given",
  );
  if (hang.phase === "speech")
    return (
      (before.name === "replying" || before.name === "speaking") && isUnheard && hang.toolName === undefined
    );
  if (before.name === "thinking") return hang.phase === "model" && hang.toolName === undefined;
  return (
    before.name === "acting" && hang.phase === "tool" && [...waitedFor.values()].includes(hang.toolName ?? "")
  );
}

/** Messages as the channel was given them; `end` says how the saying ended. */
export type Spoken = { text: string; end?: "said" | "hushed"; heard: number };

export function noteSpoken(spoken: Map<string, Spoken>, effect: Effect): void {
  if (effect.type !== "say" && effect.type !== "hush") return;
  const before = spoken.get(effect.messageId) ?? { text: "", heard: 0 };
  if (effect.type === "hush") spoken.set(effect.messageId, { ...before, end: "hushed" });
  else {
    must(before.end === undefined, "something is said after the end of the message");
    const next = { ...before, text: before.text + effect.text };
    spoken.set(effect.messageId, effect.last ? { ...next, end: "said" } : next);
  }
}

/** Everything that a model may tell of a reply. */
export function eventsOfReply(replyId: string): Event[] {
  const toolCalls = ["endCall", "book"].map((name) => ({
    modelCallId: "call_x",
    name,
    arguments: { kind: "read" as const, value: {} },
  }));
  return [
    { type: "model-text", replyId, text: "Strange." },
    { type: "model-tool-call-begun", replyId, name: "book" },
    { type: "model-finished", replyId, toolCalls },
    { type: "model-failed", replyId, failure: { code: "refused", message: "No.", retryable: true } },
  ];
}

/** Every tool call is followed by its result, in order; only the last ones may still be open, where that is said. */
export function checkPairs(history: readonly ModelMessage[], end: "strict" | "open-end"): void {
  let due: { id: string; name: string }[] = [];
  for (const item of history) {
    if (item.role === "tool") {
      const [next, ...rest] = due;
      must(
        next?.id === item.toolCallId && next.name === item.name,
        "a result without its call, or out of order",
      );
      due = rest;
      continue;
    }
    must(due.length === 0, `${item.role} before the result of a tool call`);
    if (item.role === "assistant") due = [...item.toolCalls];
  }
  must(end === "open-end" || due.length === 0, "the model is asked before a tool call has its result");
}

/** The ways in which a kept reply may end the call; `text` is what it said. */
export function endingsIn(
  { before, offered }: Pick<Line, "before" | "offered">,
  answer: Answer,
  text: string,
): string[] {
  const { builtIns, forwardTo, endCallPhrases } = before.core.setup;
  const endings = endCallPhrases.some((phrase) => alone(phrase).test(text)) ? ["end-phrase"] : [];
  const toolCalls = offered ? answer.toolCalls.slice(0, limits.toolCallsPerReplyMax) : [];
  for (const { name, arguments: given } of toolCalls) {
    if (given.kind !== "read") continue;
    if (name === "endCall" && builtIns.includes(name)) endings.push("assistant-ended");
    if (name === "callForward" && builtIns.includes(name) && forwardTo !== undefined)
      endings.push("forwarded");
  }
  return endings;
}

/** A phrase as words of its own. */
function alone(phrase: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])${RegExp.escape(phrase)}(?![\\p{L}\\p{N}])`, "iu");
}
