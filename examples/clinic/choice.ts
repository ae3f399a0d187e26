import type { Slot } from "./calendar.ts";

const ordinals = ["first", "second", "third", "fourth", "fifth"];
const numbers = "one two three four five six seven eight nine ten eleven twelve".split(" ");

/**
 * The id of the slot that a caller means: the id itself, or words for one of
 * those that were offered, by its place (`the first one`, `the last`) or its
 * time (`9:30`, `nine o'clock`, `half past nine`). Speech brings all of these,
 * and so do small models.
 */
export function chooseSlot(words: string, offered: readonly Slot[]): string | undefined {
  const text = words.toLowerCase();
  const [slotId] = /\b\d{4}-\d\d-\d\dt\d\d:\d\d/u.exec(text) ?? [];
  return slotId?.toUpperCase() ?? chooseOffered(text, offered)?.slotId;
}

function chooseOffered(text: string, offered: readonly Slot[]): Slot | undefined {
  if (/\blast\b/u.test(text)) return offered.at(-1);
  const place = ordinals.findIndex((ordinal) => text.includes(ordinal));
  if (place !== -1) return offered[place];
  const time = readTime(text);
  return offered.find((slot) => time.includes(slot.time));
}

/** What `two` may mean: 2:00, or 14:00. */
function readTime(text: string): string[] {
  const [, digits, minutes] = /\b(\d{1,2})(?:[:.](\d\d))?\b/u.exec(text) ?? [];
  const named = numbers.findIndex((number) => new RegExp(`\\b${number}\\b`, "u").test(text)) + 1;
  const hour = digits === undefined ? named : Number(digits);
  const rest = minutes ?? (/\b(?:half|thirty)\b/u.test(text) ? "30" : "00");
  return [`${hour}:${rest}`, `${hour + 12}:${rest}`];
}
