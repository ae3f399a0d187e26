import type { Out } from "./effect.ts";
import { hangUp } from "./end.ts";
import type { EventOf } from "./event.ts";
import { answered, rest } from "./rest.ts";
import { hearOut, hearPart } from "./speech.ts";
import type { State, Turn } from "./state.ts";
import { content } from "./turn.ts";

type Standing = Exclude<State, { name: "queued" | "ended" }>;

/** The user has heard more of a message. */
export function playing(state: Standing, event: EventOf<"playing">, out: Out): State {
  const core = hearPart(state.core, event, out);
  return core === state.core ? state : noteContent({ ...state, core }, event, out);
}

/** The user has heard a message to its end; when it was the last, what waited for that follows. */
export function played(state: Standing, event: EventOf<"played">, out: Out): State {
  const core = hearOut(state.core, event.messageId, out);
  if (core === state.core) return state;
  const noted = noteContent(state, event, out);
  const next = { ...noted, core };
  if (core.playback.queue.length > 0) return next;
  if (next.name === "closing") return hangUp(next, next.ending, out);
  if (next.name !== "speaking") return next;
  return next.turn === undefined ? rest(core, out) : answered(core, next.turn, out);
}

/** What is heard of a reply breaks the assistant's silence; fillers and words of the application do not. */
function noteContent(state: Standing, { messageId }: { messageId: string }, out: Out): Standing {
  if (!("turn" in state) || state.turn === undefined) return state;
  const utterance = state.core.playback.queue.find((one) => one.messageId === messageId);
  if (utterance?.origin !== "reply" && utterance?.origin !== "welcome") return state;
  return withTurn(state, content(state.turn, "heard", out));
}

function withTurn<Of extends Extract<Standing, { turn: Turn | undefined }>>(state: Of, turn: Turn): Of {
  return { ...state, turn };
}
