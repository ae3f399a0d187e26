import type { ModelMessage } from "../model.ts";
import { takeAll } from "./rest.ts";
import type { Call, Core, Ending, Errand, Live, State } from "./state.ts";
import type { Out } from "./effect.ts";
import { limits } from "./limits.ts";
import { drop } from "./interrupt.ts";
import { closeTurn, remember, speak } from "./turn.ts";

/** How a call closes: `lastWords` is the message that is still being heard, if any. */
export type Closing = { ending: Ending; lastWords: string | null };

/** Ends the call once its last words were heard. */
export function close(core: Live, { ending, lastWords }: Closing, out: Out): State {
  const { endCallMessage } = core.setup;
  const said = saysGoodbye(ending) && endCallMessage !== "" ? speak(core, endCallMessage, out) : undefined;
  const waitFor = said?.messageId ?? lastWords;
  const left = said?.core ?? core;
  if (waitFor === null) return finish(left, ending, out);
  return { name: "closing", core: left, ending, lastWords: waitFor, giveUpAt: out.now + limits.closingMaxMs };
}

function saysGoodbye(ending: Ending): boolean {
  return ending.reason === "assistant-ended" || ending.reason === "max-duration";
}

/** Stops whatever goes on and ends the call now. */
export function hangUp(state: Exclude<State, { name: "ended" }>, ending: Ending, out: Out): State {
  return finish(settleDown(state, out), ending, out);
}

/** Stops whatever goes on, says the goodbye, and then ends the call. */
export function wrapUp(state: Exclude<State, { name: "ended" | "queued" }>, ending: Ending, out: Out): State {
  return close(settleDown(state, out), { ending, lastWords: null }, out);
}

function settleDown<Of extends Exclude<State, { name: "ended" }>>(state: Of, out: Out): Of["core"] {
  switch (state.name) {
    case "queued":
    case "listening":
    case "closing":
      return state.core;
    case "thinking":
    case "replying":
      return drop(state, { outcome: "call-ended" }, out);
    case "acting": {
      closeTurn(state.turn, "call-ended", out);
      const { calls, meanwhile } = state;
      const core = remember(state.core, ...calls.map(resultOf), ...meanwhile);
      const left = calls.flatMap((call): Errand[] => (call.kind === "pending" ? [errand(call)] : []));
      return { ...core, background: [...core.background, ...left] };
    }
  }
}

function resultOf(call: Call): ModelMessage {
  const text =
    call.kind === "answered" ? call.text : JSON.stringify({ status: "the call ended before the answer" });
  return { role: "tool", toolCallId: call.modelCallId, name: call.name, text };
}

function errand({ toolCallId, name, askedAt }: Errand): Errand {
  return { toolCallId, name, askedAt };
}

function finish(core: Core, ending: Ending, out: Out): State {
  const { reason, by, forwardedTo } = ending;
  const left = takeAll(core, { words: [] }, out);
  if (forwardedTo !== undefined)
    out.entries.push({ type: "status-changed", status: "forwarded", forwardedTo });
  out.entries.push({ type: "status-changed", status: "finished", endedReason: reason, callEndTriggerBy: by });
  out.effects.push({ type: "close-channel" });
  return { name: "ended", core: { ...left, agenda: [] } };
}
