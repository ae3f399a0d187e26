import type { Overview, ReceiverFigures } from "@offhook/protocol";
import { outcomeTones } from "../deliveries/delivery-words.ts";
import { Badge } from "../ui/badge.tsx";
import { Away } from "../ui/moment.tsx";
import { count, span } from "../ui/words.ts";

/** How each Server URL fares over time. */
export function Receivers({ overview: { receivers, to } }: { overview: Overview }) {
  return (
    <section aria-label="Receivers" className="rounded-xl border border-line bg-panel">
      <h2 className="border-b border-line px-4 py-2.5 font-semibold">Health of each receiver</h2>
      {receivers.length === 0 ? (
        <p className="px-4 py-4 text-soft">No attempt was made in this period.</p>
      ) : (
        <ul>
          {receivers.map((receiver) => (
            <Receiver key={receiver.url} receiver={receiver} now={to} />
          ))}
        </ul>
      )}
    </section>
  );
}

export function Receiver({ receiver, now }: { receiver: ReceiverFigures; now: number }) {
  const { url, attempts, p50, p99, lastOutcome, lastAt } = receiver;
  return (
    <li className="grid items-center gap-x-4 gap-y-1.5 border-t border-line px-4 py-2.5 first:border-t-0 md:grid-cols-[minmax(0,1.2fr)_minmax(0,1fr)_10rem_13rem]">
      <span className="truncate font-mono text-xs" title={url}>
        {url}
      </span>
      <Spark receiver={receiver} />
      <span className="tabular text-xs text-soft md:text-right">
        {count(attempts, "attempt")}
        <span className="block max-md:ml-2 max-md:inline">
          {p50 === null ? "" : `p50 ${span(p50)}, `}
          {p99 === null ? "" : `p99 ${span(p99)}`}
        </span>
      </span>
      <span className="flex items-center gap-2 text-xs text-soft md:justify-end">
        <Badge tone={outcomeTones[lastOutcome]}>{lastOutcome}</Badge>
        <Away at={lastAt} now={now} />
      </span>
    </li>
  );
}

const height = 24;

/** Attempts over the period: accepted ones up, the others in red on top. */
function Spark({ receiver: { accepted, failed, url } }: { receiver: ReceiverFigures }) {
  const most = Math.max(1, ...accepted.map((good, index) => good + (failed[index] ?? 0)));
  const bad = failed.reduce((sum, one) => sum + one, 0);
  const good = accepted.reduce((sum, one) => sum + one, 0);
  return (
    <svg
      role="img"
      aria-label={`${url}: ${good} accepted, ${bad} not accepted`}
      viewBox={`0 0 ${accepted.length} ${height}`}
      preserveAspectRatio="none"
      className="h-6 w-full rounded bg-sunken"
    >
      {accepted.map((up, place) => {
        const down = failed[place] ?? 0;
        const [upHeight, downHeight] = [(up / most) * height, (down / most) * height];
        return (
          <g key={`${url} ${String(place)}`}>
            <rect x={place + 0.1} width={0.8} y={height - upHeight} height={upHeight} className="fill-good" />
            <rect
              x={place + 0.1}
              width={0.8}
              y={height - upHeight - downHeight}
              height={downHeight}
              className="fill-bad"
            />
          </g>
        );
      })}
    </svg>
  );
}
