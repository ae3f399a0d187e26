import { answer, writeAnswer } from "./act.ts";
import type { Out } from "./effect.ts";
import { hangUp } from "./end.ts";
import { noteReply } from "./interrupt.ts";
import { limits } from "./limits.ts";
import { silence } from "./playback.ts";
import type { Ending, Errand, State, StateOf } from "./state.ts";
import type { Step } from "./step.ts";
import { ask } from "./turn.ts";

/** A call that nobody holds any more, as it was left. */
export type Left = {
  state: State;
  /** How often in sequence it was taken up before without anything else. */
  takeUps: number;
  /** Since its last entry, in ms. */
  pauseMs: number;
};

const lost: Ending = { reason: "server-lost", by: "system" };

/**
 * Goes on with a call whose server is gone: what was under way with the model
 * is asked again, what was under way with a tool is told as a failure, and
 * never asked again.
 */
export function takeUp({ state, takeUps, pauseMs }: Left, now: number): Step {
  const out: Out = { now, entries: [], effects: [] };
  if (state.name === "ended") return { state, entries: [], effects: [] };
  out.entries.push({ type: "taken-up", pauseMs });
  const next = isOver(state, { takeUps, now }) ? hangUp(silent(state), lost, out) : goOn(silent(state), out);
  return { state: next, entries: out.entries, effects: out.effects };
}

type Going = Exclude<State, { name: "ended" }>;

/** The time in which nobody held it counts; and what brings its server down is not tried for ever. */
function isOver(state: Going, { takeUps, now }: { takeUps: number; now: number }): boolean {
  return takeUps >= limits.takeUpsMax || ("endsAt" in state.core && state.core.endsAt <= now);
}

/** What was being said was lost with the line; nothing of it is written, so nothing of it is shown again. */
function silent<Of extends Going>(state: Of): Of {
  return { ...state, core: { ...state.core, playback: silence, user: userOf(state) } };
}

function userOf({ core: { user } }: Going): Going["core"]["user"] {
  return user.kind === "speaking" ? { kind: "listening" } : user;
}

function goOn(from: Going, out: Out): State {
  const state = leaveErrands(from, out);
  switch (state.name) {
    case "queued":
      return { ...state, connectBy: out.now + limits.connectMaxMs };
    case "listening":
      return state;
    case "thinking":
    case "replying":
    case "held":
      return askAgain(state, out);
    case "acting":
      return giveUpTools(state, out);
    case "speaking":
    case "closing":
      return hangUp(state, lost, out);
  }
}

/** The reply under way is lost; the same turn asks for another. */
function askAgain(state: StateOf<"thinking"> | StateOf<"replying"> | StateOf<"held">, out: Out): State {
  noteReply(state, { outcome: "discarded" }, out);
  return ask({ core: state.core, turn: state.turn, again: "server-lost" }, out);
}

const unknown = {
  kind: "error",
  code: "server-lost",
  error: "The server was lost while it waited for the answer: whether it was done is not known.",
} as const;

/** Nobody waits any more for what was sent; a result may still be given by control. */
function giveUpTools(state: StateOf<"acting">, out: Out): State {
  const pending = state.calls.filter((call) => call.kind === "pending");
  let left: State = state;
  for (const { toolCallId, name } of pending) {
    if (left.name !== "acting") break;
    const open = [...left.core.open, { toolCallId, name }];
    left = answer({ ...left, core: { ...left.core, open } }, { toolCallId, outcome: unknown }, out);
  }
  return left;
}

/** Async tools that had not answered: their answers cannot reach the call any more. */
function leaveErrands<Of extends Going>(state: Of, out: Out): Of {
  for (const errand of state.core.background) writeAnswer(unanswered(errand, out), out);
  return { ...state, core: { ...state.core, background: [] } };
}

function unanswered({ toolCallId, name, askedAt }: Errand, out: Out) {
  return { toolCallId, name, outcome: unknown, elapsedMs: out.now - askedAt };
}
