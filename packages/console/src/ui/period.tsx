import { now } from "../clock.ts";
import { Select, TextField } from "./field.tsx";

type Period = { from?: string | undefined; to?: string | undefined };

const hourMs = 3_600_000;
/** Periods up to now, as an address says them. */
const recent: Record<string, { name: string; ms: number }> = {
  "-1h": { name: "Last hour", ms: hourMs },
  "-24h": { name: "Last 24 hours", ms: 24 * hourMs },
  "-7d": { name: "Last 7 days", ms: 168 * hourMs },
};
const other = "other";

/** When: a period up to now, or from and until, in the viewer's zone. */
export function PeriodFields({ from, to, onChange }: Period & { onChange: (period: Period) => void }) {
  const isRecent = from !== undefined && Object.hasOwn(recent, from);
  const isAny = from === undefined && to === undefined;
  const choose = (chosen: string): void =>
    onChange({ from: chosen === other ? localOf(now() - hourMs) : chosen || undefined, to: undefined });
  return (
    <>
      <Select
        isQuiet
        label="Period"
        value={isAny ? "" : isRecent ? from : other}
        onChange={({ target }) => choose(target.value)}
        choices={[
          { value: "", label: "Any time" },
          ...Object.entries(recent).map(([value, { name }]) => ({ value, label: name })),
          { value: other, label: "From … until …" },
        ]}
      />
      {!isAny && !isRecent && (
        <>
          <TextField
            isQuiet
            label="From"
            type="datetime-local"
            value={from ?? ""}
            onChange={({ target }) => onChange({ from: target.value || undefined, to })}
          />
          <TextField
            isQuiet
            label="Until"
            type="datetime-local"
            value={to ?? ""}
            onChange={({ target }) => onChange({ from, to: target.value || undefined })}
          />
        </>
      )}
    </>
  );
}

/** A moment as the fields for one take it, in the viewer's zone. */
function localOf(at: number): string {
  const minuteMs = 60_000;
  return new Date(at - new Date(at).getTimezoneOffset() * minuteMs).toISOString().slice(0, 16);
}

/** What an address says of a period, as the API takes it; what is no time is left out. */
export function datesOf({ from, to }: Period): {
  startDate: string | undefined;
  endDate: string | undefined;
} {
  return { startDate: isoOf(from), endDate: isoOf(to) };
}

function isoOf(said: string | undefined): string | undefined {
  if (said === undefined) return undefined;
  const at = Object.hasOwn(recent, said) ? now() - (recent[said]?.ms ?? 0) : new Date(said).getTime();
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
