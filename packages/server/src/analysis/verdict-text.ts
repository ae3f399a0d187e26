import { isObject, readJson } from "./json-answer.ts";

/** Takes a verdict out of JSON and code fences; an object of several values becomes lines `name: value`. */
export function unwrap(answer: string): string {
  const value = readJson(answer);
  if (value === undefined) return plain(answer);
  if (Array.isArray(value)) return value.map(lineOf).join("\n");
  if (!isObject(value)) return plain(String(value));
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && typeof only[1] !== "object")
    return plain(String(only[1]));
  return entries.map(([name, item]) => `${name}: ${lineOf(item)}`).join("\n");
}

/** The pieces of a text that stand by themselves: lines, sentences, what is before and after a colon. */
export function piecesOf(text: string): string[] {
  return text
    .split(/\n|[.!?:;](?=\s|$)|\s[-–—]\s/u)
    .map((piece) => piece.replaceAll(/^[\s.,()[\]]+|[\s.,()[\]]+$/gu, ""))
    .filter((piece) => piece !== "");
}

/** Without fences, emphasis and quotation marks. */
function plain(text: string): string {
  return text
    .replaceAll(/^\s*```[\w-]*\s*$/gmu, "")
    .replaceAll(/[*_`"“”„«»#]+/gu, "")
    .trim();
}

function lineOf(item: unknown): string {
  if (isObject(item)) return plain(Object.values(item).map(lineOf).join(": "));
  return Array.isArray(item) ? item.map(lineOf).join(" ") : plain(String(item));
}
