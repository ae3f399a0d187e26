/** A word as it was said; `key` is what is compared, `afterPause` says that punctuation stood before it, or nothing. */
export type Word = { text: string; key: string; afterPause: boolean };

/** Of a longer text only the beginning is listened to. */
export const wordsMax = 400;

/** Letters, digits and signs of money; joined inside by ' - @ _ / & and, before a digit or small letter, by . : , */
const wordPattern =
  /[+#]?[\p{L}\p{N}\p{Sc}][\p{L}\p{N}\p{M}\p{Sc}%]*(?:(?:['’@_/&-](?=[\p{L}\p{N}])|(?<=\p{N})[.,:](?=\p{N})|\.(?=\p{Ll}|\p{Lu}\.))[\p{L}\p{N}\p{M}\p{Sc}%]*)*/gu;
const pausePattern = /[.,;:!?…—–()"“”„«»\n]|\s-\s/u;

/** Sounds of hesitation: heard, but no words. */
const hesitations: ReadonlySet<string> = new Set(["uh", "um", "uhm", "er", "erm", "hm", "hmm"]);

/** Takes a text apart into its words. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  let end = 0;
  let afterPause = false;
  for (const match of text.matchAll(wordPattern)) {
    if (words.length === wordsMax) break;
    afterPause ||= pausePattern.test(text.slice(end, match.index));
    end = match.index + match[0].length;
    const key = keyOf(match[0]);
    if (hesitations.has(key)) continue;
    words.push({ text: match[0], key, afterPause: afterPause || words.length === 0 });
    afterPause = false;
  }
  return words;
}

function keyOf(word: string): string {
  const plain = /^[\w'-]+$/u.test(word) ? word : word.normalize("NFC").replaceAll("’", "'");
  return plain.toLowerCase();
}
