import { settle } from "./act.ts";
import type { Out } from "./effect.ts";
import { endSpeech, restartClock, verdictOn } from "./floor.ts";
import { type Asked, drop } from "./interrupt.ts";
import { finished } from "./reply.ts";
import { hear } from "./rest.ts";
import { type Cut, cutSpeech, trimmed } from "./speech.ts";
import type { Live, State, StateOf } from "./state.ts";
import { closeTurn, openTurn, takeWords, type Words, writeWords } from "./turn.ts";
import { asMessage, putOff, takeUp, withoutWords, wordsIn } from "./waiting.ts";

/** The user spoke before the line stood: they are answered once it does. */
export function hearQueued(state: StateOf<"queued">, text: string, out: Out): State {
  return { ...state, core: putOff(state.core, { text, respond: true }, out) };
}

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
  return { ...state, core: endSpeech(takeWords(takeUp(core), { text }, out), out) };
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
  const next = isRecorded
    ? takeWords(core, { text }, out)
    : putOff(core, { text, respond: verdict === "wait" }, out);
  return endSpeech(next, out);
}

/** The messages of which something was heard before they were cut. */
function skippedIn(cuts: readonly Cut[]): string[] {
  return cuts.flatMap(({ messageId, text }) => (text === "" ? [] : [messageId]));
}

/** The user spoke while tools were at work: their answers come first, then the words are answered. */
export function hearMeanwhile(state: StateOf<"acting">, text: string, out: Out): State {
  const verdict = verdictOn(state.core, text);
  const { state: left, skipped } = verdict === "cut" ? cutMeanwhile(state, out) : { state, skipped: [] };
  const isAnswered =
    verdict !== "ignore" && left.core.attention === "answering" && left.after.kind === "think";
  if (!isAnswered) return settle(silent(noteMeanwhile(left, { text, skipped }, out), out), out);
  closeTurn(left.turn, "interrupted", out);
  const { core, turn } = openTurn(left.core, "user", out);
  const heard = takeMeanwhile({ ...left, core, turn }, { text, skipped }, out);
  return settle(silent(heard, out), out);
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

/** Words that the open turn answers, and with them those that waited: they come after the results of the tools. */
function takeMeanwhile(state: StateOf<"acting">, words: Words, out: Out): StateOf<"acting"> {
  const { core, turn, meanwhile } = state;
  const said = [...wordsIn(core), words.text].map(asMessage);
  const written = writeWords(withoutWords(core), { ...words, turnId: turn.id }, out);
  return { ...state, core: written, meanwhile: [...meanwhile, ...said] };
}

/** Words that nobody answers; they join those that wait, so that the order of saying stays. */
function noteMeanwhile(state: StateOf<"acting">, words: Words, out: Out): StateOf<"acting"> {
  const { core, meanwhile } = state;
  if (wordsIn(core).length > 0) return { ...state, core: putOff(core, { ...words, respond: false }, out) };
  return {
    ...state,
    core: writeWords(core, words, out),
    meanwhile: [...meanwhile, asMessage(words.text)],
  };
}
