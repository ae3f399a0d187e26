import type { Overview } from "@offhook/protocol";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { buttonClass } from "../ui/button.tsx";
import { Empty, FailureNotice, Loading } from "../ui/notice.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { server, valueOf } from "../ui/server.ts";
import { Tabs } from "../ui/tabs.tsx";
import { time } from "../ui/words.ts";
import { Figures } from "./figures.tsx";
import { Plot } from "./plot.tsx";
import { Receivers } from "./receivers.tsx";
import { Stages } from "./stages.tsx";

const route = getRouteApi("/inside/");
const lookMs = 5_000;

const periods = [
  { id: "15", name: "15 min" },
  { id: "60", name: "1 hour" },
  { id: "360", name: "6 hours" },
  { id: "1440", name: "24 hours" },
] as const;

/** How the calls of the last minutes go, and how the application is told of them. */
export function OverviewPage() {
  const { minutes = "60" } = route.useSearch();
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery({
    queryKey: ["overview", minutes],
    queryFn: () => valueOf(server.overview({ minutes: Number(minutes) })),
    refetchInterval: lookMs,
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageHead title="Overview">
        <Tabs
          label="Period"
          tabs={periods}
          chosen={minutes}
          onChoose={(id) => void navigate({ to: "/", search: { minutes: id }, replace: true })}
        />
      </PageHead>
      <div
        className="min-h-0 flex-1 overflow-auto p-4 md:p-6"
        tabIndex={0}
        role="region"
        aria-label="Figures"
      >
        {error !== null && <FailureNotice error={error} onAgain={() => void refetch()} />}
        {data === undefined ? error === null && <Loading rows={8} /> : <Everything overview={data} />}
      </div>
    </>
  );
}

function Everything({ overview }: { overview: Overview }) {
  const { from, since, turns, hangs, errors, accepted, failed } = overview;
  const sum = (counts: readonly number[]): number => counts.reduce((before, count) => before + count, 0);
  const isQuiet = sum(turns) + sum(accepted) + sum(failed) + overview.live === 0;
  return (
    <div className="mx-auto flex max-w-6xl flex-col gap-4">
      <Figures overview={overview} />
      {since > from && (
        <p className="text-xs text-soft">
          More happened than is looked at: plots and stages are of what happened since {time(since)}.
        </p>
      )}
      {isQuiet && <Quiet />}
      <div className="grid gap-4 lg:grid-cols-2">
        <Plot
          title="Turns"
          overview={overview}
          series={[
            { name: "turns", tone: "accent", counts: turns },
            { name: "hangs", tone: "warn", counts: hangs },
            { name: "errors", tone: "bad", counts: errors },
          ]}
        />
        <Plot
          title="Attempts at Server URLs"
          overview={overview}
          series={[
            { name: "accepted", tone: "good", counts: accepted },
            { name: "not accepted", tone: "bad", counts: failed },
          ]}
        />
      </div>
      <Stages overview={overview} />
      <Receivers overview={overview} />
    </div>
  );
}

function Quiet() {
  return (
    <Empty
      icon="overview"
      title="It is quiet"
      action={
        <Link to="/talk" search={{}} className={buttonClass("primary")}>
          Talk to an assistant
        </Link>
      }
    >
      <p>Nothing happened in this period. Talk to an assistant, or choose a longer one.</p>
    </Empty>
  );
}
