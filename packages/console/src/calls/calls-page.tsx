import type { CallView } from "@offhook/protocol";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useAssistantNames } from "../assistants/use-assistants.ts";
import { Badge, LiveDot } from "../ui/badge.tsx";
import { buttonClass } from "../ui/button.tsx";
import { Empty, FailureNotice, Loading } from "../ui/notice.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { datesOf } from "../ui/period.tsx";
import { Rows } from "../ui/rows.tsx";
import { server } from "../ui/server.ts";
import { pageSize, usePages } from "../ui/use-pages.ts";
import { useNow } from "../ui/use-now.ts";
import { count } from "../ui/words.ts";
import { CallFilters } from "./call-filters.tsx";
import { CallRow } from "./call-row.tsx";

const route = getRouteApi("/inside/calls");

/** The calls, the newest first, as they come. */
export function CallsPage() {
  const filter = route.useSearch();
  const { from, to, ...chosen } = filter;
  const calls = usePages<CallView>({
    name: "calls",
    filter,
    read: (before) => server.calls.list({ ...chosen, ...datesOf({ from, to }), before, size: pageSize }),
    idOf: ({ id }) => id,
  });
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  return (
    <>
      <PageHead title="Calls" about={calls.total === undefined ? "…" : count(calls.total, "call")}>
        {calls.isLive && (
          <Badge tone="accent">
            <LiveDot /> Live
          </Badge>
        )}
        <Link to="/talk" className={buttonClass("primary")}>
          Talk to an assistant
        </Link>
      </PageHead>
      <CallFilters />
      {calls.error !== null && (
        <div className="p-4">
          <FailureNotice error={calls.error} onAgain={calls.again} />
        </div>
      )}
      <CallList calls={calls} isFiltered={isFiltered} />
    </>
  );
}

type Pages = ReturnType<typeof usePages<CallView>>;

function CallList({ calls, isFiltered }: { calls: Pages; isFiltered: boolean }) {
  const now = useNow(1_000);
  const names = new Map(useAssistantNames().map(({ id, name }) => [id, name]));
  if (calls.isWaiting) return <Loading rows={10} />;
  if (calls.items.length === 0) return isFiltered ? <NothingFits /> : <NoCalls />;
  return (
    <Rows
      label="Calls"
      items={calls.items}
      keyOf={({ id }) => id}
      rowHeight={60}
      onEnd={calls.more}
      foot={calls.isFetchingMore ? <Loading rows={2} /> : undefined}
    >
      {(call) => <CallRow call={call} assistant={names.get(call.assistantId ?? "")} now={now} />}
    </Rows>
  );
}

function NoCalls() {
  return (
    <Empty
      icon="calls"
      title="No calls yet"
      action={
        <Link to="/talk" className={buttonClass("primary")}>
          Talk to an assistant
        </Link>
      }
    >
      <p>
        Every call appears here while it goes on, with all that happened in it. Talk to an assistant on this
        page, with <code className="font-mono text-xs">npx offhook call</code>, or place one through the API.
      </p>
    </Empty>
  );
}

function NothingFits() {
  const navigate = useNavigate();
  return (
    <Empty
      icon="calls"
      title="No call fits these filters"
      action={
        <button
          type="button"
          className={buttonClass()}
          onClick={() => void navigate({ to: "/calls", search: {} })}
        >
          Show all calls
        </button>
      }
    >
      <p>Take one of the filters away, or choose a longer period.</p>
    </Empty>
  );
}
