/** A text on one line: whatever ends a line is a space in it. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\v\f\u0085\u2028\u2029]+/gu, " ").trim();
}

/** Cuts a text at its end. */
export function cutEnd(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : `${headOf(text, charactersMax - 1).trimEnd()}…`;
}

/** Cuts a text in its middle and says how much is missing there. */
export function cutMiddle(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const half = Math.floor(charactersMax / 2);
  const head = headOf(text, half);
  const tail = tailOf(text, half);
  return `${head} (… ${text.length - head.length - tail.length} characters left out …) ${tail}`;
}

/** A model's words in an error sentence. */
export function quote(text: string, charactersMax: number): string {
  return `“${cutEnd(oneLine(text), charactersMax)}”`;
}

/** A character of two halves is not cut in two. */
function headOf(text: string, characters: number): string {
  return text.slice(0, characters).replace(/[\ud800-\udbff]$/u, "");
}

function tailOf(text: string, characters: number): string {
  return text.slice(text.length - characters).replace(/^[\udc00-\udfff]/u, "");
}
