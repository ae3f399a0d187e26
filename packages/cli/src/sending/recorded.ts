import { readFileSync } from "node:fs";
import type { Failure } from "../failure.ts";
import { isObject, objectOf, parseJson } from "../json.ts";
import type { Letter } from "./letter.ts";

/** The messages that `offhook listen --record` wrote to a file, each once, in order. */
export function recordedLetters(file: string): { letters: Letter[] } | Failure {
  const text = textOf(file);
  if (typeof text !== "string") return text;
  const letters = new Map<string, Letter>();
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const letter = letterIn(line);
    if (letter === undefined)
      return {
        failure: `Line ${index + 1} of ${file} is no recorded message: \`offhook listen --record\` writes them.`,
      };
    letters.set(letter.id, letter);
  }
  return { letters: [...letters.values()] };
}

function textOf(file: string): string | Failure {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    return { failure: `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function letterIn(line: string): Letter | undefined {
  const recorded = parseJson(line);
  if (!isObject(recorded)) return undefined;
  const { id, body, headers } = objectOf(recorded["request"]);
  if (typeof id !== "string" || typeof body !== "string") return undefined;
  const texts = Object.entries(objectOf(headers)).map(([name, value]) => [name, String(value)] as const);
  return { id, body, headers: Object.fromEntries(texts) };
}

/** The same message under another id, so that a receiver that knows the first handles it again. */
export function renamed(letter: Letter, suffix: string): Letter {
  const id = `${letter.id}_${suffix}`;
  const body = objectOf(parseJson(letter.body));
  if (!isObject(body["message"])) return { ...letter, id };
  return { ...letter, id, body: JSON.stringify({ ...body, message: { ...body["message"], id } }) };
}
