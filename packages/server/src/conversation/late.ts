import type { HappeningOf } from "@offhook/protocol";
import { answer } from "./act.ts";
import { type Deadline, isIdleWatched, nextDeadline } from "./deadline.ts";
import type { Out } from "./effect.ts";
import { hangUp, wrapUp } from "./end.ts";
import { noteReply } from "./interrupt.ts";
import { limits } from "./limits.ts";
import { silenceOfUser } from "./pause.ts";
import { fail } from "./reply.ts";
import { rest } from "./rest.ts";
import { cutSpeech, trimmed } from "./speech.ts";
import type { State, StateOf, Turn } from "./state.ts";
import { takeFiller } from "./tool-lines.ts";
import { ask, closeTurn, fill, speak } from "./turn.ts";

/** A deadline has passed: does what the earliest one asks for; too early, nothing. */
export function late(state: State, out: Out): State {
  const deadline = nextDeadline(state);
  if (deadline === undefined || deadline.at > out.now || state.name === "ended") return state;
  if (state.name === "queued") return hangUp(state, { reason: "channel-lost", by: "system" }, out);
  if (deadline.kind === "user-speech") return silenceOfUser(state, out);
  if (state.name === "closing") return hangUp(state, state.ending, out);
  if (deadline.kind === "max-duration") return wrapUp(state, { reason: "max-duration", by: "system" }, out);
  if (deadline.kind === "warning") return warn(state, out);
  if (deadline.kind === "playback") return muteChannel(state, out);
  return lateIn(state, deadline, out);
}

type Talking = Exclude<State, { name: "queued" | "closing" | "ended" }>;

function lateIn(state: Talking, deadline: Deadline, out: Out): State {
  switch (state.name) {
    case "listening":
      return idle(state, out);
    case "thinking":
      if (deadline.kind === "hang") return hang(state, { phase: "model" }, out);
      return fail(state, stalled(limits.firstContentMaxMs), out);
    case "replying":
      if (deadline.kind === "hang") return hang(state, { phase: "speech" }, out);
      return fail(state, stalled(limits.replyMaxMs), out);
    case "speaking":
      return state.turn === undefined
        ? state
        : hang({ ...state, turn: state.turn }, { phase: "speech" }, out);
    case "acting":
      return lateActing(state, deadline, out);
    case "held":
      return state;
  }
}

function lateActing(state: StateOf<"acting">, deadline: Deadline, out: Out): State {
  if (deadline.kind === "filler") {
    const taken = takeFiller(state, deadline.toolCallId);
    return { ...taken.state, core: fill(state.core, { text: taken.text, turn: state.turn }, out) };
  }
  if (deadline.kind !== "tool") return hang(state, waitingFor(state), out);
  const { toolCallId } = deadline;
  const name = state.calls.find((one) => one.kind === "pending" && one.toolCallId === toolCallId)?.name;
  const open = name === undefined ? state.core.open : [...state.core.open, { toolCallId, name }];
  const outcome = { kind: "error", code: "timed-out", error: "The tool did not answer in time." } as const;
  return answer({ ...state, core: { ...state.core, open } }, { toolCallId, outcome }, out);
}

type Wait = Pick<HappeningOf<"hang">["hang"], "phase" | "toolName">;

function waitingFor(state: StateOf<"acting">): Wait {
  const call = state.calls.find(({ kind }) => kind === "pending");
  return { phase: "tool", ...(call === undefined ? {} : { toolName: call.name }) };
}

type Silent = Extract<Talking, { turn: Turn | undefined }> & { turn: Turn };

/** The silence has lasted for the threshold: it is told once in the turn, and the assistant may help itself. */
function hang(state: Silent, wait: Wait, out: Out): State {
  const { turn, core } = state;
  const { quietSince } = turn;
  const times = { elapsedMs: out.now - quietSince, thresholdMs: core.setup.hangThresholdMs };
  out.entries.push({ type: "hang", hang: { turnId: turn.id, ...wait, ...times } });
  const by = wait.phase === "speech" ? "heard" : "given";
  return recover({ ...state, turn: { ...turn, hang: { kind: "raised", quietSince, by } } }, wait, out);
}

function recover(state: Silent, { phase }: Wait, out: Out): State {
  const { turn, core } = state;
  const recovery = turn.setup.hangRecovery;
  if (recovery === "none" || phase === "speech") return state;
  if ("say" in recovery) return { ...state, core: fill(core, { text: recovery.say, turn }, out) };
  return state.name === "thinking" ? askAnother(state, recovery.model, out) : state;
}

/** Drops the request that hangs, and asks another model for the rest of the turn. */
function askAnother(state: StateOf<"thinking">, model: string, out: Out): State {
  const { core, turn, reply } = state;
  out.effects.push({ type: "stop-model", replyId: reply.id });
  noteReply(state, { outcome: "discarded" }, out);
  const setup = { ...turn.setup, model: { ...turn.setup.model, model } };
  return ask({ core, turn: { ...turn, setup }, again: "hang" }, out);
}

/** The user says nothing: they are away; they are asked for, and at last the call ends. */
function idle(state: StateOf<"listening">, out: Out): State {
  const { setup, idleMessages } = state.core;
  const away = { ...state, core: { ...state.core, user: { kind: "away" } as const } };
  if (!isIdleWatched(setup)) return away;
  const text = setup.idle.messages[idleMessages % setup.idle.messages.length];
  if (idleMessages >= setup.idle.messagesMax || text === undefined)
    return wrapUp(away, { reason: "idle-timeout", by: "system" }, out);
  const core = speak(away.core, { text, origin: "idle" }, out);
  return rest({ ...core, idleMessages: idleMessages + 1 }, out);
}

/** The call is soon over: said at the next pause. */
function warn(state: Talking, out: Out): State {
  const { agenda, endsAt, setup } = state.core;
  const item = { kind: "warning", leftMs: endsAt - out.now, text: setup.warning?.text } as const;
  const fits = agenda.length < limits.agendaMax - 1;
  const core = { ...state.core, warnAt: undefined, agenda: fits ? [...agenda, item] : agenda };
  return state.name === "listening" ? rest(core, out) : { ...state, core };
}

/** The channel plays nothing any more: what it was given is given up, and with it the turn whose reply it was. */
function muteChannel(state: Talking, out: Out): State {
  out.entries.push({ type: "error", error: notPlayed });
  switch (state.name) {
    case "replying":
      noteReply(state, { outcome: "failed" }, out);
      out.effects.push({ type: "stop-model", replyId: state.reply.id });
      return giveUpSpeaking(state, out);
    case "speaking":
      return giveUpSpeaking(state, out);
    case "acting": {
      const { core, cuts } = cutSpeech(state.core, out);
      return { ...state, core, meanwhile: trimmed(state.meanwhile, cuts) };
    }
    case "listening":
    case "thinking":
    case "held":
      return { ...state, core: cutSpeech(state.core, out).core };
  }
}

function giveUpSpeaking({ core, turn }: Pick<StateOf<"speaking">, "core" | "turn">, out: Out): State {
  const cut = cutSpeech(core, out);
  if (turn !== undefined) closeTurn(turn, "failed", out);
  return rest(cut.core, out);
}

const notPlayed: HappeningOf<"error">["error"] = {
  type: "tts_error",
  code: "stalled",
  message: `The channel played nothing for ${limits.playbackStallMaxMs / 1_000} s.`,
  provider: "channel",
  retryable: true,
  details: {},
};

function stalled(limitMs: number): Parameters<typeof fail>[1] {
  return {
    code: "timeout",
    message: `The model gave up no whole reply within ${limitMs / 1_000} s.`,
    retryable: false,
  };
}
