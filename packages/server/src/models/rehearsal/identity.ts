import { findPhrase, readPhrase } from "./phrase.ts";
import type { Word } from "./words.ts";

/** What a rehearsal is, said whenever it is asked, whatever its script says. */
export const identity =
  "I am a rehearsal: a script that answers by fixed rules. There is no language model and no person behind these words.";

const whole = [
  "what are you",
  "who are you",
  "what is this",
  "who is this",
  "who am i talking to",
  "who am i speaking to",
  "who am i speaking with",
  "what am i talking to",
].map(readPhrase);
const openers = [
  "are you",
  "you are",
  "you're",
  "is this",
  "am i talking to",
  "am i talking with",
  "am i speaking to",
  "am i speaking with",
  "am i chatting with",
].map(readPhrase);

const between: ReadonlySet<string> = new Set(
  "a an the just really actually even only some kind sort of like real live".split(" "),
);
const kinds: ReadonlySet<string> = new Set(
  "bot robot chatbot voicebot human person ai a.i machine computer program script recording automated artificial llm gpt chatgpt real alive".split(
    " ",
  ),
);

/** Whether somebody asks who or what is speaking: “are you a bot”, “what are you”. */
export function asksWhoSpeaks(words: readonly Word[]): boolean {
  return (
    whole.some((phrase) => endsThere(words, findPhrase(phrase, words)?.end)) ||
    openers.some((opener) => asksForKind(words, findPhrase(opener, words)?.end))
  );
}

/** “What are you?” asks it, “what are you offering?” does not. */
function endsThere(words: readonly Word[], end: number | undefined): boolean {
  return end !== undefined && (words[end]?.afterPause ?? true);
}

function asksForKind(words: readonly Word[], end: number | undefined): boolean {
  if (end === undefined) return false;
  for (const { key } of words.slice(end)) {
    if (kinds.has(key)) return true;
    if (!between.has(key)) return false;
  }
  return false;
}
