import type { Out } from "./effect.ts";
import { drop } from "./interrupt.ts";
import { limits } from "./limits.ts";
import { cutSpeech, trimmed } from "./speech.ts";
import type { Call, Core, Ending, Errand, Live, Remembered, State, StateOf } from "./state.ts";
import { closeTurn, remember, speak } from "./turn.ts";
import { takeUp } from "./waiting.ts";

/** Ends the call once its last words were heard. */
export function close(core: Live, ending: Ending, out: Out): State {
  const { endCallMessage } = core.setup;
  const saysMore = saysGoodbye(ending) && endCallMessage !== "";
  const left = saysMore ? speak(core, { text: endCallMessage, origin: "goodbye" }, out) : core;
  if (left.playback.queue.length === 0) return finish(left, ending, out);
  return { name: "closing", core: left, ending, giveUpAt: out.now + limits.closingMaxMs };
}

function saysGoodbye({ reason }: Ending): boolean {
  return reason === "assistant-ended" || reason === "max-duration" || reason === "idle-timeout";
}

/** Stops whatever goes on and ends the call now. */
export function hangUp(state: Exclude<State, { name: "ended" }>, ending: Ending, out: Out): State {
  return finish(settleDown(state, out), ending, out);
}

/** Stops whatever goes on, says the goodbye, and then ends the call. */
export function wrapUp(state: Exclude<State, { name: "ended" | "queued" }>, ending: Ending, out: Out): State {
  return close(settleDown(state, out), ending, out);
}

function settleDown<Of extends Exclude<State, { name: "ended" }>>(state: Of, out: Out): Of["core"] {
  switch (state.name) {
    case "queued":
    case "listening":
    case "closing":
      return cutSpeech(state.core, out).core;
    case "speaking": {
      const { core } = cutSpeech(state.core, out);
      if (state.turn !== undefined) closeTurn(state.turn, "call-ended", out);
      return core;
    }
    case "thinking":
    case "replying":
    case "held":
      return drop(state, "call-ended", out).core;
    case "acting":
      return leaveTools(state, out);
  }
}

/** The tools go on; their answers are recorded. */
function leaveTools(state: StateOf<"acting">, out: Out): Live {
  const cut = cutSpeech(state.core, out);
  closeTurn(state.turn, "call-ended", out);
  const { calls } = state;
  const results = calls.map((call): Remembered => {
    const text = answerOf(call, calls) ?? JSON.stringify({ status: "the call ended before the answer" });
    return { role: "tool", toolCallId: call.modelCallId, name: call.name, text };
  });
  const core = remember(cut.core, ...results, ...trimmed(state.meanwhile, cut.cuts));
  const left = calls.flatMap((call): Errand[] => (call.kind === "pending" ? [errandOf(call)] : []));
  return { ...core, background: [...core.background, ...left] };
}

/** What the model is told of a call; `undefined` while its tool is at work. */
export function answerOf(call: Call, calls: readonly Call[]): string | undefined {
  if (call.kind === "answered") return call.text;
  if (call.kind === "pending") return undefined;
  const other = calls.find((one) => one.kind !== "same" && one.toolCallId === call.as);
  return other === undefined ? undefined : answerOf(other, calls);
}

function errandOf({ toolCallId, name, key, askedAt }: Errand): Errand {
  return { toolCallId, name, key, askedAt };
}

function finish(core: Core, ending: Ending, out: Out): State {
  const { reason, by, forwardedTo } = ending;
  const left = takeUp(core);
  if (forwardedTo !== undefined)
    out.entries.push({ type: "status-changed", status: "forwarded", forwardedTo });
  out.entries.push({ type: "status-changed", status: "finished", endedReason: reason, callEndTriggerBy: by });
  out.effects.push({ type: "close-channel" });
  return { name: "ended", core: { ...left, agenda: [], user: { kind: "listening" } } };
}
