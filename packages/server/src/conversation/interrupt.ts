import type { HappeningOf, ModelUsage } from "@offhook/protocol";
import type { Out } from "./effect.ts";
import type { Live, StateOf } from "./state.ts";
import { closeTurn, remember, write } from "./turn.ts";

/**
 * Discards the reply under way and ends its turn. What of it was heard stays
 * in the conversation; its tool calls are forgotten, unsent.
 */
export function drop(
  state: StateOf<"thinking"> | StateOf<"replying">,
  how: { outcome: HappeningOf<"turn-ended">["outcome"]; heard?: string },
  out: Out,
): Live {
  const { reply, turn } = state;
  out.effects.push({ type: "stop-model", replyId: reply.id });
  noteReply(state, { outcome: "discarded" }, out);
  const core = state.name === "replying" ? keepHeard(state, how.heard ?? state.reply.text, out) : state.core;
  closeTurn(turn, how.outcome, out);
  return core;
}

/** Writes how a model request went. */
export function noteReply(
  state: StateOf<"thinking"> | StateOf<"replying">,
  how: { outcome: HappeningOf<"model-answered">["outcome"]; usage?: ModelUsage | undefined },
  out: Out,
): void {
  const { reply, turn } = state;
  out.entries.push({
    type: "model-answered",
    replyId: reply.id,
    turnId: turn.id,
    outcome: how.outcome,
    firstContentMs: "firstContentAt" in reply ? reply.firstContentAt - reply.requestedAt : null,
    totalMs: out.now - reply.requestedAt,
    ...(how.usage === undefined ? {} : { usage: how.usage }),
  });
}

/** Keeps the part of a reply that was heard, marked as cut off. */
export function keepHeard(state: StateOf<"replying">, heard: string, out: Out): Live {
  const { reply, core, turn } = state;
  if (reply.text !== "") out.effects.push({ type: "hush", messageId: reply.messageId });
  if (heard === "") return core;
  write({ messageId: reply.messageId, role: "assistant", text: heard, timestamp: out.now }, out, {
    turnId: turn.id,
    heard: "cut",
  });
  return remember(core, { role: "assistant", text: heard, toolCalls: [] });
}
