import { away, dateTime, time } from "./words.ts";

/** A time in the viewer's zone; the title says it in UTC. */
export function Moment({ at, isShort = false }: { at: number | string; isShort?: boolean }) {
  const ms = typeof at === "number" ? at : Date.parse(at);
  const utc = new Date(ms).toISOString();
  return (
    <time dateTime={utc} title={utc} className="tabular whitespace-nowrap">
      {isShort ? time(ms) : dateTime(ms)}
    </time>
  );
}

/** How long ago, or how long until; the title says when, in the viewer's zone. */
export function Away({ at, now }: { at: number; now: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={dateTime(at)} className="tabular whitespace-nowrap">
      {away(at, now)}
    </time>
  );
}
