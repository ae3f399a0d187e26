import type { Overview } from "@offhook/protocol";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { inks, type Tone } from "../ui/tone.ts";
import { figure, span } from "../ui/words.ts";

/** The figures that one looks at first. */
export function Figures({ overview }: { overview: Overview }) {
  const { live, waiting, turns, accepted, failed, bucketMs, to } = overview;
  const sum = (counts: readonly number[]): number => counts.reduce((before, count) => before + count, 0);
  const minutes = (bucketMs * turns.length) / 60_000;
  const attempts = sum(accepted) + sum(failed);
  const firstContent = overview.stages.find(({ stage }) => stage === "first-content");
  return (
    <dl className="grid grid-cols-2 gap-3 lg:grid-cols-5">
      <Tile name="Calls live">
        <Link to="/calls" search={{ status: "ongoing" }} className="hover:underline">
          {figure(live)}
        </Link>
      </Tile>
      <Tile name="Turns per minute">{(sum(turns) / minutes).toFixed(1)}</Tile>
      <Tile name="First content, p90">{spanOf(firstContent?.p90 ?? null)}</Tile>
      <Tile name="Attempts accepted" tone={attempts > 0 && sum(failed) > 0 ? "warn" : "plain"}>
        {attempts === 0 ? "—" : `${((100 * sum(accepted)) / attempts).toFixed(1)} %`}
      </Tile>
      <Tile
        name="Oldest undelivered"
        tone={waiting.oldestAt !== null && to - waiting.oldestAt > lateMs ? "bad" : "plain"}
        about={
          waiting.events === 0
            ? "nothing waits"
            : `${figure(waiting.events)} wait, of ${figure(waiting.calls)} calls`
        }
      >
        {waiting.oldestAt === null ? "—" : span(to - waiting.oldestAt)}
      </Tile>
    </dl>
  );
}

/** An event that waits longer than this is worth a look. */
const lateMs = 60_000;

function spanOf(ms: number | null): string {
  return ms === null ? "—" : span(ms);
}

type TileProps = { name: string; tone?: Tone; about?: string; children: ReactNode };

function Tile({ name, tone = "plain", about, children }: TileProps) {
  return (
    <div className="rounded-xl border border-line bg-panel px-4 py-3">
      <dt className="text-xs text-soft">{name}</dt>
      <dd>
        <span
          className={`tabular text-2xl font-semibold tracking-tight ${tone === "plain" ? "" : inks[tone]}`}
        >
          {children}
        </span>
        {about !== undefined && <span className="block text-xs text-soft">{about}</span>}
      </dd>
    </div>
  );
}
