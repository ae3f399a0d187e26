import type { LiveState } from "@offhook/protocol";
import { nextDeadline } from "./deadline.ts";
import { isAudible } from "./playback.ts";
import type { State } from "./state.ts";

/** What each side of a call does now: two axes, read from the state. */
export type Axes = Pick<LiveState, "assistant" | "user">;

/** Reads the axes; a call that has ended has none. */
export function axesOf(state: State): Axes | undefined {
  return state.name === "ended" ? undefined : { assistant: assistantIn(state), user: state.core.user.kind };
}

/** The axes with what the call waits for, as those who watch it are shown them. */
export function liveState(state: State): LiveState | undefined {
  const axes = axesOf(state);
  const deadline = nextDeadline(state);
  if (axes === undefined || deadline === undefined) return undefined;
  return { type: "state", ...axes, waitsFor: { kind: deadline.kind, at: deadline.at } };
}

function assistantIn(state: Exclude<State, { name: "ended" }>): Axes["assistant"] {
  const { user, playback } = state.core;
  if (state.name === "queued") return "initializing";
  if (state.name === "listening" || (user.kind === "speaking" && user.floor === "taken")) return "listening";
  if (state.name === "speaking" || state.name === "closing" || isAudible(playback)) return "speaking";
  return "thinking";
}
