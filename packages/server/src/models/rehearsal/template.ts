import type { Json } from "@offhook/protocol";

export type LookUp = (name: string) => Json | undefined;

const blank = /\{\{\s*([\p{L}\p{N}_.-]{1,200})\s*\}\}/gu;
const nothingElse = /^\s*\{\{\s*([\p{L}\p{N}_.-]{1,200})\s*\}\}\s*$/u;

/** Fills the `{{blanks}}` of a sentence; what is not known leaves no gap in it. */
export function fillText(text: string, lookUp: LookUp): string {
  return text
    .replaceAll(blank, (_, name: string) => toText(lookUp(name)))
    .replaceAll(/[ \t]{2,}/gu, " ")
    .replaceAll(/[ \t]+(?=[,.!?;:])/gu, "")
    .trim();
}

/** Fills every text of a value. A text that is one blank becomes its value, type and all; unknown, it is left out. */
function fillValue(value: unknown, lookUp: LookUp): Json | undefined {
  if (typeof value === "string") {
    const name = nothingElse.exec(value)?.[1];
    return name === undefined
      ? value.replaceAll(blank, (_, each: string) => toText(lookUp(each)))
      : lookUp(name);
  }
  if (Array.isArray(value)) return value.map((item) => fillValue(item, lookUp) ?? null);
  if (typeof value === "object" && value !== null) return fillObject(value, lookUp);
  return typeof value === "number" || typeof value === "boolean" ? value : null;
}

/** As {@link fillValue}, for what is an object and stays one. */
export function fillObject(object: object, lookUp: LookUp): { [key: string]: Json } {
  const filled = Object.entries(object).flatMap(([key, item]): [string, Json][] => {
    const value = fillValue(item, lookUp);
    return value === undefined ? [] : [[key, value]];
  });
  return Object.fromEntries(filled);
}

function toText(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "object") return String(value);
  const isPlainList = Array.isArray(value) && value.every((item) => typeof item !== "object");
  return isPlainList ? value.join(", ") : JSON.stringify(value);
}
