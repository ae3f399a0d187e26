/** The days and hours of the clinic. Its clock is UTC; days are dates such as `2026-11-24`. */
export type Day = { date: string; part: "morning" | "afternoon" | null };

const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = "January February March April May June July August September October November December".split(
  " ",
);
const dayMs = 86_400_000;
const noon = 12;

type Opening = { from: number; to: number };
const halfDay: Opening = { from: 9, to: 12 };
/** Opening hours by weekday, Sunday first; whole hours. */
const hours: readonly (readonly Opening[])[] = [
  [],
  [halfDay, { from: 14, to: 17 }],
  [halfDay, { from: 14, to: 17 }],
  [halfDay],
  [halfDay, { from: 14, to: 18 }],
  [{ from: 8, to: 12 }],
  [],
];

/**
 * Reads the day that somebody means: `2026-11-24`, `today`, `tomorrow`, or a
 * weekday, which is the next one after today; with `morning` or `afternoon`.
 * Other words around it do no harm. `now` is epoch ms.
 */
export function readDay(words: string, now: number): Day | undefined {
  const text = words.toLowerCase();
  const part = /\bmorning\b/u.test(text) ? "morning" : /\bafternoon\b/u.test(text) ? "afternoon" : null;
  const date = readDate(text, now);
  return date === undefined ? undefined : { date, part };
}

function readDate(text: string, now: number): string | undefined {
  const [iso] = /\b\d{4}-\d{2}-\d{2}(?!\d)/u.exec(text) ?? [];
  if (iso !== undefined) return isDate(iso) ? iso : undefined;
  if (/\btoday\b/u.test(text)) return dateOf(now);
  if (/\btomorrow\b/u.test(text)) return dateOf(now + dayMs);
  const wanted = weekdays.findIndex((name) => text.includes(name.toLowerCase()));
  if (wanted === -1) return undefined;
  const daysAhead = (wanted - new Date(now).getUTCDay() + 7) % 7;
  return dateOf(now + (daysAhead === 0 ? 7 : daysAhead) * dayMs);
}

/** Whether it is a day that exists. */
function isDate(text: string): boolean {
  const at = Date.parse(`${text}T00:00Z`);
  return !Number.isNaN(at) && dateOf(at) === text;
}

export function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** A date as it is said: `Tuesday, 24 November`. */
export function spokenDay(date: string): string {
  const day = new Date(date);
  return `${weekdayOf(date)}, ${day.getUTCDate()} ${months[day.getUTCMonth()] ?? ""}`;
}

export function weekdayOf(date: string): string {
  return weekdays[new Date(date).getUTCDay()] ?? "";
}

/** A time at which an appointment can begin: `slotId` such as `2026-11-24T09:00`, `time` as it is said. */
export type Slot = { slotId: string; time: string };

/** The slots of a day: every half hour that the clinic is open. */
export function slotsOn({ date, part }: Day): Slot[] {
  const openings = hours[new Date(date).getUTCDay()] ?? [];
  return openings
    .flatMap(({ from, to }) => Array.from({ length: 2 * (to - from) }, (_, half) => from + half / 2))
    .filter((hour) => part === null || hour < noon === (part === "morning"))
    .map((hour) => {
      const time = `${Math.floor(hour)}:${hour % 1 === 0 ? "00" : "30"}`;
      return { slotId: `${date}T${time.padStart(5, "0")}`, time };
    });
}

/** When a slot begins, epoch ms. */
export function beginOf({ slotId }: Pick<Slot, "slotId">): number {
  return Date.parse(`${slotId}Z`);
}
