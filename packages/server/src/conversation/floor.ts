import type { Out } from "./effect.ts";
import { isAudible } from "./playback.ts";
import type { Core, Setup, Turn } from "./state.ts";

/** What the user's words do to what is being said. */
export type Verdict =
  /** They break in: it is cut where it was heard. */
  | "cut"
  /** They only show that the user listens: it goes on, and nobody answers them. */
  | "ignore"
  /** They do not break in: it goes on, and they are answered after it. */
  | "wait";

/** Judges words by what the user hears while saying them. */
export function verdictOn(core: Core, text: string): Verdict {
  const { setup, playback, user } = core;
  if (playback.queue.length === 0) return "cut";
  if (!isAudible(playback)) {
    const hasFloor = user.kind === "speaking" && user.floor === "taken";
    return hasFloor || mayBreakIn(core) ? "cut" : "wait";
  }
  if (isAcknowledgement(setup, text)) return "ignore";
  return mayBreakIn(core) && countWords(text) >= setup.wordsToBreakIn ? "cut" : "wait";
}

/** Whether the user may stop all that is being said. */
function mayBreakIn({ setup, playback }: Core): boolean {
  return playback.queue.every(
    ({ origin }) => setup.bargeIn && (origin !== "welcome" || setup.welcomeBargeIn),
  );
}

function isAcknowledgement({ acknowledgements }: Setup, text: string): boolean {
  const said = plain(text);
  return acknowledgements.some((phrase) => plain(phrase) === said);
}

/** Without case, marks and spare blanks: “Uh-huh!” is “uh huh”. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}

const segmenter = new Intl.Segmenter(undefined, { granularity: "word" });

/** Words as people count them, also where none is set apart by blanks. */
export function countWords(text: string): number {
  let count = 0;
  for (const { isWordLike } of segmenter.segment(text)) if (isWordLike === true) count += 1;
  return count;
}

/** A voice on the user's side: the assistant holds its tongue where a voice alone may stop it. */
export function beginSpeech<Of extends Core>(core: Of, out: Out): Of {
  if (core.user.kind === "speaking") return core;
  const { playback, setup } = core;
  const isFree = playback.queue.length === 0 || (mayBreakIn(core) && !isAudible(playback));
  const takes = isFree || (mayBreakIn(core) && setup.wordsToBreakIn === 0);
  return speaks(core, takes ? "taken" : "shared", out);
}

/** Words that may still change: enough of them, and the assistant holds its tongue. */
export function hearWords<Of extends Core>(core: Of, text: string, out: Out): Of {
  const begun = beginSpeech(core, out);
  const { user } = begun;
  if (user.kind !== "speaking") return begun;
  if (user.floor === "shared" && verdictOn(begun, text) === "cut") return speaks(begun, "taken", out);
  return user.since === out.now ? begun : { ...begun, user: { ...user, since: out.now } };
}

function speaks<Of extends Core>(core: Of, floor: "taken" | "shared", out: Out): Of {
  if (floor === "taken") out.effects.push({ type: "pause" });
  return { ...core, user: { kind: "speaking", since: out.now, floor } };
}

/** The user is silent again; what was held goes on. */
export function endSpeech<Of extends Core>(core: Of, out: Out): Of {
  const { user, playback } = core;
  if (user.kind === "speaking" && user.floor === "taken") out.effects.push({ type: "resume" });
  return user.kind === "listening"
    ? core
    : { ...core, user: { kind: "listening" }, playback: { ...playback, movedAt: out.now } };
}

/** The assistant's silence counts from the moment that the user is silent. */
export function restartClock(turn: Turn, out: Out): Turn {
  return { ...turn, quietSince: out.now };
}
