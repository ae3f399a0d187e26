import type { ModelFailure, ModelName } from "../model.ts";
import type { Out } from "./effect.ts";
import { writeFailure } from "./reply.ts";
import type { State, StateOf } from "./state.ts";

/** A model failed before its first content and the next of the assistant's is asked: the same reply, from another. */
export function failOver(
  state: StateOf<"thinking">,
  { failure, to }: { failure: ModelFailure; to: ModelName },
  out: Out,
): State {
  writeFailure(state, failure, out);
  out.entries.push({ type: "model-requested", replyId: state.reply.id, turnId: state.turn.id, ...to });
  return state;
}
