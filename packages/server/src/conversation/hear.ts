import { settle } from "./act.ts";
import type { Out } from "./effect.ts";
import { endSpeech, restartClock, verdictOn } from "./floor.ts";
import { type Asked, drop } from "./interrupt.ts";
import { limits } from "./limits.ts";
import { finished } from "./reply.ts";
import { hear, takeAll, wordsIn } from "./rest.ts";
import { type Cut, cutSpeech, trimmed } from "./speech.ts";
import type { Core, Live, State, StateOf } from "./state.ts";
import { closeTurn, openTurn, takeWords } from "./turn.ts";

/** The user spoke while the call listened. */
export function hearListening(state: StateOf<"listening">, text: string, out: Out): State {
  return hear(endSpeech(state.core, out), { text }, out);
}

/** The user spoke while a model was asked, or its reply was being said. */
export function hearAsked(state: Asked, text: string, out: Out): State {
  const verdict = verdictOn(state.core, text);
  if (verdict !== "cut") {
    const turn = restartClock(state.turn, out);
    return goOn({ ...state, turn, core: aside(state.core, { text, verdict }, out) }, out);
  }
  const { core, cuts } = drop(state, "interrupted", out);
  return hear(endSpeech(core, out), { text, skipped: skippedIn(cuts) }, out);
}

/** The user spoke over what was being said while nothing else was going on. */
export function hearSpeaking(state: StateOf<"speaking">, text: string, out: Out): State {
  const verdict = verdictOn(state.core, text);
  if (verdict !== "cut") {
    const turn = state.turn && restartClock(state.turn, out);
    return { ...state, turn, core: aside(state.core, { text, verdict }, out) };
  }
  const { core, cuts } = cutSpeech(state.core, out);
  if (state.turn !== undefined) closeTurn(state.turn, "interrupted", out);
  return hear(endSpeech(core, out), { text, skipped: skippedIn(cuts) }, out);
}

/** The user spoke during the last words: who cuts the assistant's own goodbye calls its end off. */
export function hearClosing(state: StateOf<"closing">, text: string, out: Out): State {
  const { core, ending } = state;
  if (ending.by === "assistant" && verdictOn(core, text) === "cut") {
    const cut = cutSpeech(core, out);
    return hear(endSpeech(cut.core, out), { text, skipped: skippedIn(cut.cuts) }, out);
  }
  return { ...state, core: endSpeech(takeAll(core, { words: [{ text }] }, out), out) };
}

/** A reply that was held for the user is kept after all. */
function goOn(state: Asked, out: Out): State {
  return state.name === "held" ? keepHeld(state, out) : state;
}

export function keepHeld(state: StateOf<"held">, out: Out): State {
  const { core, turn, reply, answer } = state;
  return finished({ name: "replying", core, turn, reply }, answer, out);
}

/** Words that stop nothing: an acknowledgement is recorded, others wait for their answer. */
function aside(core: Live, { text, verdict }: { text: string; verdict: "ignore" | "wait" }, out: Out): Live {
  const isRecorded = verdict === "ignore" && wordsIn(core).length === 0;
  return endSpeech(isRecorded ? takeWords(core, { text }, out) : laterWords(core, text), out);
}

/** The messages of which something was heard before they were cut. */
function skippedIn(cuts: readonly Cut[]): string[] {
  return cuts.flatMap(({ messageId, text }) => (text === "" ? [] : [messageId]));
}

/** The user spoke while tools were at work: their answers come first, then the words are answered. */
export function hearMeanwhile(state: StateOf<"acting">, text: string, out: Out): State {
  const verdict = verdictOn(state.core, text);
  const { state: left, skipped } = verdict === "cut" ? cutMeanwhile(state, out) : { state, skipped: [] };
  const words = { text, skipped };
  const isAnswered =
    verdict !== "ignore" && left.core.attention === "answering" && left.after.kind === "think";
  if (!isAnswered) return settle(silent(recordMeanwhile(left, words, out), out), out);
  closeTurn(left.turn, "interrupted", out);
  const { core, turn } = openTurn(left.core, "user", out);
  const heard = recordMeanwhile({ ...left, core }, { ...words, turnId: turn.id }, out);
  return settle(silent({ ...heard, turn }, out), out);
}

/** Cuts what is said while tools are at work; the assistant's own end is called off with its goodbye. */
function cutMeanwhile(
  state: StateOf<"acting">,
  out: Out,
): { state: StateOf<"acting">; skipped: readonly string[] } {
  const { core, cuts } = cutSpeech(state.core, out);
  const after = cuts.length > 0 && state.after.kind === "close" ? ({ kind: "think" } as const) : state.after;
  const meanwhile = trimmed(state.meanwhile, cuts);
  return { state: { ...state, core, meanwhile, after }, skipped: skippedIn(cuts) };
}

function silent(state: StateOf<"acting">, out: Out): StateOf<"acting"> {
  return { ...state, core: endSpeech(state.core, out), turn: restartClock(state.turn, out) };
}

type Said = { text: string; skipped: readonly string[]; turnId?: string };

function recordMeanwhile(state: StateOf<"acting">, said: Said, out: Out): StateOf<"acting"> {
  const { history } = state.core;
  const words = [...wordsIn(state.core), said].map(({ text }) => ({ role: "user" as const, text }));
  const { turnId } = said;
  const core = takeAll(state.core, { words: [said], ...(turnId === undefined ? {} : { turnId }) }, out);
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
