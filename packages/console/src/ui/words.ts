/** How figures and names are written on the page. */

/** A span in the unit that fits: `840 ms`, `4.2 s`, `3 min 05 s`, `2 h 10 min`. */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h ${pad(Math.floor(seconds / 60) % 60)} min`;
  return `${Math.round(seconds / 86_400)} days`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/** How long ago, or how long until. */
export function away(at: number, now: number): string {
  const ms = at - now;
  if (Math.abs(ms) < 1_500) return "now";
  return ms > 0 ? `in ${span(ms)}` : `${span(-ms)} ago`;
}

const whole = new Intl.NumberFormat("en");
export function count(value: number, one: string, many = `${one}s`): string {
  return `${whole.format(value)} ${value === 1 ? one : many}`;
}
export function figure(value: number): string {
  return whole.format(value);
}

/** The last part of an id, enough to tell it from its neighbours. */
export function shortId(id: string): string {
  return id.length > 14 ? `…${id.slice(-8)}` : id;
}

const dayTime = new Intl.DateTimeFormat(undefined, {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const minuteOnly = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const timeOnly = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** In the viewer's zone. */
export function dateTime(at: number): string {
  return dayTime.format(at);
}
export function time(at: number): string {
  return timeOnly.format(at);
}

/** A moment to the minute. */
export function minute(at: number): string {
  return minuteOnly.format(at);
}

/** `finished` for `status-update`: names of the wire as words. */
export function spaced(name: string): string {
  return name.replaceAll("-", " ");
}

/** A name in camel case as words: `maxCallDuration` is `max call duration`. */
export function words(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/gu, "$1 $2")
    .replaceAll(/[-_]/gu, " ")
    .toLowerCase();
}
