import type { HappeningOf } from "@offhook/protocol";
import { answer } from "./act.ts";
import { type Deadline, nextDeadline } from "./deadline.ts";
import type { Out } from "./effect.ts";
import { hangUp, wrapUp } from "./end.ts";
import { limits } from "./limits.ts";
import { fail } from "./reply.ts";
import type { State, StateOf } from "./state.ts";

/** A deadline has passed: does what the earliest one asks for; too early, nothing. */
export function late(state: State, out: Out): State {
  const deadline = nextDeadline(state);
  if (deadline === undefined || deadline.at > out.now || state.name === "ended") return state;
  if (state.name === "queued") return hangUp(state, { reason: "channel-lost", by: "system" }, out);
  if (state.name === "closing") return hangUp(state, state.ending, out);
  if (deadline.kind === "max-duration") return wrapUp(state, { reason: "max-duration", by: "system" }, out);
  if (state.name === "thinking") return lateThinking(state, deadline, out);
  if (state.name === "acting") return lateActing(state, deadline, out);
  return state.name === "replying" ? fail(state, stalled(limits.replyMaxMs), out) : state;
}

function lateThinking(state: StateOf<"thinking">, deadline: Deadline, out: Out): State {
  if (deadline.kind === "hang") return hang(state, { phase: "model" }, out);
  return fail(state, stalled(limits.firstContentMaxMs), out);
}

function lateActing(state: StateOf<"acting">, deadline: Deadline, out: Out): State {
  if (deadline.kind !== "tool") return hang(state, waitingFor(state), out);
  const { toolCallId } = deadline;
  const outcome = { kind: "error", code: "timed-out", error: "The tool did not answer in time." } as const;
  return answer(state, { toolCallId, outcome }, out);
}

type Wait = Pick<HappeningOf<"hang">["hang"], "phase" | "toolName">;

function waitingFor(state: StateOf<"acting">): Wait {
  const call = state.calls.find(({ kind }) => kind === "pending");
  return { phase: "tool", ...(call === undefined ? {} : { toolName: call.name }) };
}

function hang<Of extends StateOf<"thinking"> | StateOf<"acting">>(state: Of, wait: Wait, out: Out): Of {
  const { turn, core } = state;
  const { quietSince } = turn;
  const times = { elapsedMs: out.now - quietSince, thresholdMs: core.setup.hangThresholdMs };
  out.entries.push({ type: "hang", hang: { turnId: turn.id, ...wait, ...times } });
  return { ...state, turn: { ...turn, hang: { kind: "raised", quietSince } } };
}

function stalled(limitMs: number): Parameters<typeof fail>[1] {
  return {
    code: "timeout",
    message: `The model gave up no whole reply within ${limitMs / 1_000} s.`,
    retryable: false,
  };
}
