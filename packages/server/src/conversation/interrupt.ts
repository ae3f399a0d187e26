import type { HappeningOf, ModelUsage } from "@offhook/protocol";
import type { Out } from "./effect.ts";
import { type Cut, cutSpeech } from "./speech.ts";
import type { Live, StateOf } from "./state.ts";
import { closeTurn } from "./turn.ts";

/** A model was asked, and its reply is neither kept nor given up. */
export type Asked = StateOf<"thinking"> | StateOf<"replying"> | StateOf<"held">;

/**
 * Discards the reply under way and ends its turn. What of it was heard stays
 * in the conversation; its tool calls are forgotten, unsent.
 */
export function drop(
  state: Asked,
  outcome: HappeningOf<"turn-ended">["outcome"],
  out: Out,
): { core: Live; cuts: readonly Cut[] } {
  if (state.name !== "held") out.effects.push({ type: "stop-model", replyId: state.reply.id });
  noteReply(state, { outcome: "discarded" }, out);
  const cut = cutSpeech(state.core, out);
  closeTurn(state.turn, outcome, out);
  return cut;
}

/** Writes how a model request went. */
export function noteReply(
  state: Asked,
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
