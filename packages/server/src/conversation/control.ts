import { type Control, dropSecrets, flatTool, type ForwardTarget, type Refusal } from "@offhook/protocol";
import { answer } from "./act.ts";
import type { Out } from "./effect.ts";
import { hangUp, wrapUp } from "./end.ts";
import { limits } from "./limits.ts";
import { rest } from "./rest.ts";
import type { Agendum, Core, Setup, State, StateOf } from "./state.ts";
import { speak } from "./turn.ts";
import { unanswered } from "./waiting.ts";

/** A place on the agenda that is kept for the user's words. */
const placesForWords = 1;

type Going = Exclude<State, { name: "ended" }>;

/** Why a control cannot be accepted; `undefined` when it can. */
export function refuseControl(state: State, control: Control): Refusal | undefined {
  if (state.name === "ended")
    return { refused: "call-finished", detail: "The call is finished; nothing can be done to it." };
  if (state.name === "closing" && control.type !== "end") {
    return {
      refused: "call-ending",
      detail: "The call is saying its last words; only `end` can still be done.",
    };
  }
  if (control.type === "dtmf") {
    return { refused: "not-on-this-channel", detail: "A chat has no keypad: `dtmf` needs a telephone call." };
  }
  if (control.type === "tool-result" && toolOf(state, control.toolCallId) === undefined) {
    const detail = `No tool call ${control.toolCallId} of this call waits for a result: it is unknown, or was answered.`;
    return { refused: "unknown-tool-call", detail };
  }
  if (mustWait(state, control) && state.core.agenda.length >= limits.agendaMax - placesForWords) {
    return {
      refused: "agenda-full",
      detail: `Already ${limits.agendaMax - placesForWords} things wait for this call's next pause; try later.`,
    };
  }
  return undefined;
}

/** Whether a control takes a place on the agenda. */
function mustWait(state: Going, control: Control): boolean {
  if (isFree(state)) return false;
  if (control.type === "say") return !canSpeak(state);
  if (control.type === "tool-result")
    return !(state.name === "acting" && isPending(state, control.toolCallId));
  return control.type === "add-message";
}

/** The call would take up whatever comes. */
function isFree(state: Going): state is StateOf<"listening"> {
  return state.name === "listening" && state.core.user.kind !== "speaking";
}

/** Nothing is being said, by nobody, and nothing waits to be said before. */
function canSpeak(state: Going): state is StateOf<"thinking"> | StateOf<"acting"> {
  const { agenda, playback, user } = state.core;
  const isSilent = agenda.length === 0 && playback.queue.length === 0 && user.kind !== "speaking";
  return (state.name === "thinking" || state.name === "acting") && isSilent;
}

/** Does what the application asks for; a control that would be refused changes nothing. */
export function steer(state: Going, control: Control, out: Out): State {
  if (refuseControl(state, control) !== undefined) return state;
  out.entries.push({ type: "control-received", control: dropSecrets(control) });
  switch (control.type) {
    case "end":
      return hangUp(
        state,
        { reason: state.name === "queued" ? "canceled" : "control-ended", by: "system" },
        out,
      );
    case "forward": {
      const { type: _type, ...target } = control;
      return forward(state, target, out);
    }
    case "say":
      return say(state, control.message, out);
    case "add-message": {
      const { role, text, respond = role === "user" } = control;
      return nowOrLater(state, { kind: "message", role, text, respond }, out);
    }
    case "mute":
      return withCore(state, { attention: "muted", agenda: unanswered(state.core.agenda) });
    case "unmute":
      return withCore(state, { attention: "answering" });
    case "tool-result":
      return bringResult(state, control, out);
    case "update":
      return withCore(state, { setup: updated(state.core.setup, control) });
    case "dtmf":
      return state;
  }
}

function forward(state: Going, forwardedTo: ForwardTarget, out: Out): State {
  if (state.name === "queued") return hangUp(state, { reason: "canceled", by: "system" }, out);
  return wrapUp(state, { reason: "forwarded", by: "system", forwardedTo }, out);
}

/** Speaks at once when nothing else is being said, and otherwise at the next pause. */
function say(state: Going, text: string, out: Out): State {
  if (!canSpeak(state)) return nowOrLater(state, { kind: "say", text }, out);
  const { history } = state.core;
  const core = speak(state.core, { text, origin: "control" }, out);
  if (state.name === "thinking") return { ...state, core };
  const meanwhile = [...state.meanwhile, ...core.history.slice(history.length)];
  return { ...state, core: { ...core, history }, meanwhile };
}

function nowOrLater(state: Going, item: Agendum, out: Out): State {
  const agenda = [...state.core.agenda, item];
  return isFree(state) ? rest({ ...state.core, agenda }, out) : withCore(state, { agenda });
}

function bringResult(state: Going, control: Extract<Control, { type: "tool-result" }>, out: Out): State {
  const { toolCallId, result } = control;
  const name = toolOf(state, toolCallId);
  if (name === undefined) return state;
  if (state.name === "acting" && isPending(state, toolCallId)) {
    const outcome = { kind: "result", result, understoodAs: "late-result" } as const;
    return answer(state, { toolCallId, outcome }, out);
  }
  const open = state.core.open.filter((one) => one.toolCallId !== toolCallId);
  return nowOrLater(withCore(state, { open }), { kind: "tool-result", name, result }, out);
}

function toolOf(state: Going, toolCallId: string): string | undefined {
  const pending = state.name === "acting" ? state.calls : [];
  const call = pending.find((one) => one.kind === "pending" && one.toolCallId === toolCallId);
  return call?.name ?? state.core.open.find((one) => one.toolCallId === toolCallId)?.name;
}

function isPending(state: StateOf<"acting">, toolCallId: string): boolean {
  return state.calls.some((one) => one.kind === "pending" && one.toolCallId === toolCallId);
}

function updated(setup: Setup, control: Extract<Control, { type: "update" }>): Setup {
  return {
    ...setup,
    prompt: control.prompt ?? setup.prompt,
    model: { ...setup.model, model: control.model ?? setup.model.model },
    tools: control.tools?.map(flatTool) ?? setup.tools,
  };
}

function withCore<Of extends Going>(state: Of, change: Partial<Core>): Of {
  return { ...state, core: { ...state.core, ...change } };
}
