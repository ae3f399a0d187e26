import { settle } from "./act.ts";
import type { Out } from "./effect.ts";
import { endSpeech, restartClock } from "./floor.ts";
import { keepHeld } from "./hear.ts";
import { rest } from "./rest.ts";
import type { State } from "./state.ts";

type Standing = Exclude<State, { name: "queued" | "ended" }>;

/** The user's voice ended without words: what was held goes on, and what waited for the pause comes. */
export function silenceOfUser(state: Standing, out: Out): State {
  if (state.core.user.kind !== "speaking") return state;
  const core = endSpeech(state.core, out);
  switch (state.name) {
    case "listening":
      return rest(core, out);
    case "speaking":
      return { ...state, core, turn: state.turn && restartClock(state.turn, out) };
    case "closing":
      return { ...state, core };
    case "thinking":
      return { ...state, core, turn: restartClock(state.turn, out) };
    case "replying":
      return { ...state, core, turn: restartClock(state.turn, out) };
    case "held":
      return keepHeld({ ...state, core, turn: restartClock(state.turn, out) }, out);
    case "acting":
      return settle({ ...state, core, turn: restartClock(state.turn, out) }, out);
  }
}
