import type { Out } from "./effect.ts";
import { drop } from "./interrupt.ts";
import { hear, takeAll, wordsIn } from "./rest.ts";
import type { Core, State, StateOf } from "./state.ts";
import { limits } from "./limits.ts";
import { closeTurn, openTurn } from "./turn.ts";

/** The user spoke while the model was asked or the reply was being said. */
export function breakIn(state: StateOf<"thinking"> | StateOf<"replying">, text: string, out: Out): State {
  if (state.name === "replying" && !state.core.setup.bargeIn) {
    return { ...state, core: laterWords(state.core, text) };
  }
  const skipped = state.name === "replying" && state.reply.text !== "" ? state.reply.messageId : undefined;
  return hear(drop(state, { outcome: "interrupted" }, out), { text, skipped }, out);
}

/** The user spoke while tools were at work: their answers come first, then the words are answered. */
export function hearMeanwhile(state: StateOf<"acting">, text: string, out: Out): State {
  if (state.core.attention === "muted" || state.after.kind === "close")
    return recordMeanwhile(state, { text }, out);
  closeTurn(state.turn, "interrupted", out);
  const { core, turn } = openTurn(state.core, "user", out);
  const heard = recordMeanwhile({ ...state, core }, { text, turnId: turn.id }, out);
  return { ...heard, turn };
}

function recordMeanwhile(
  state: StateOf<"acting">,
  said: { text: string; turnId?: string },
  out: Out,
): StateOf<"acting"> {
  const { history } = state.core;
  const words = [...wordsIn(state.core), said].map(({ text }) => ({ role: "user" as const, text }));
  const core = takeAll(state.core, { ...said, words: [said] }, out);
  return { ...state, core: { ...core, history }, meanwhile: [...state.meanwhile, ...words] };
}

/**
 * Puts the user's words on the agenda. Where it is full they join what the
 * user said last: no word is lost.
 */
export function laterWords<Of extends Core>(core: Of, text: string): Of {
  const { agenda } = core;
  const at = agenda.length < limits.agendaMax ? -1 : agenda.findLastIndex(({ kind }) => kind === "words");
  const last = agenda[at];
  if (last?.kind !== "words") return { ...core, agenda: [...agenda, { kind: "words", text }] };
  return { ...core, agenda: agenda.with(at, { kind: "words", text: `${last.text}\n${text}` }) };
}
