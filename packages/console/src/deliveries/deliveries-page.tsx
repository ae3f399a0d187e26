import type { Delivery } from "@offhook/protocol";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Badge, LiveDot } from "../ui/badge.tsx";
import { Empty, FailureNotice, Loading } from "../ui/notice.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { datesOf } from "../ui/period.tsx";
import { Rows } from "../ui/rows.tsx";
import { server } from "../ui/server.ts";
import { pageSize, usePages } from "../ui/use-pages.ts";
import { useNow } from "../ui/use-now.ts";
import { count, figure } from "../ui/words.ts";
import { DeliveryDetail } from "./delivery-detail.tsx";
import { DeliveryFilters } from "./delivery-filters.tsx";
import { DeliveryRow } from "./delivery-row.tsx";
import { stateMeanings } from "./delivery-words.ts";
import { ReceiverHealth } from "./receiver-health.tsx";
import { RedeliverBar } from "./redeliver-bar.tsx";

const route = getRouteApi("/inside/deliveries");
const countedMax = 10_000;

/** What became of the events for Server URLs, and what can be sent again. */
export function DeliveriesPage() {
  const { from, to, event, ...chosen } = route.useSearch();
  const deliveries = usePages<Delivery>({
    name: "deliveries",
    filter: { ...chosen, from, to },
    read: (before) => server.deliveries.list({ ...chosen, ...datesOf({ from, to }), before, size: pageSize }),
    idOf: ({ id }) => id,
  });
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  return (
    <>
      <PageHead title="Deliveries" about={aboutOf(deliveries.total)}>
        {deliveries.isLive && (
          <Badge tone="accent">
            <LiveDot /> Live
          </Badge>
        )}
      </PageHead>
      <ReceiverHealth />
      <DeliveryFilters />
      <RedeliverBar
        filter={{ ...chosen, ...datesOf({ from, to }) }}
        picked={picked}
        onDone={() => setPicked(new Set())}
      />
      {deliveries.error !== null && (
        <div className="p-4">
          <FailureNotice error={deliveries.error} onAgain={deliveries.again} />
        </div>
      )}
      <div className="flex min-h-0 flex-1">
        <div className={`flex min-h-0 min-w-0 flex-1 flex-col ${event === undefined ? "" : "max-xl:hidden"}`}>
          <List deliveries={deliveries} picked={picked} onPick={setPicked} />
        </div>
        {event !== undefined && <DeliveryDetail key={event} id={event} />}
      </div>
    </>
  );
}

function aboutOf(total: number | undefined): string {
  if (total === undefined) return "…";
  return total >= countedMax ? `more than ${figure(countedMax)} events` : count(total, "event");
}

type ListProps = {
  deliveries: ReturnType<typeof usePages<Delivery>>;
  picked: ReadonlySet<string>;
  onPick: (picked: ReadonlySet<string>) => void;
};

function List({ deliveries, picked, onPick }: ListProps) {
  const now = useNow(1_000);
  const navigate = useNavigate();
  const search = route.useSearch();
  if (deliveries.isWaiting) return <Loading rows={10} />;
  if (deliveries.items.length === 0) return <Nothing />;
  const toggle = (id: string): void =>
    onPick(picked.has(id) ? new Set([...picked].filter((one) => one !== id)) : new Set([...picked, id]));
  return (
    <Rows
      label="Deliveries"
      items={deliveries.items}
      keyOf={({ id }) => id}
      rowHeight={56}
      onEnd={deliveries.more}
      foot={deliveries.isFetchingMore ? <Loading rows={2} /> : undefined}
    >
      {(delivery) => (
        <DeliveryRow
          delivery={delivery}
          now={now}
          isPicked={picked.has(delivery.id)}
          isOpen={search.event === delivery.id}
          onPick={() => toggle(delivery.id)}
          onOpen={() =>
            void navigate({ to: "/deliveries", search: { ...search, event: delivery.id }, replace: true })
          }
        />
      )}
    </Rows>
  );
}

function Nothing() {
  const { state, type, assistantId, from, to } = route.useSearch();
  if (type !== undefined || assistantId !== undefined || from !== undefined || to !== undefined)
    return (
      <Empty icon="deliveries" title="No event fits these filters">
        <p>Take one of the filters away, or choose a longer period.</p>
      </Empty>
    );
  if (state !== undefined)
    return (
      <Empty icon="check" title={`Nothing is ${state}`}>
        <p>{stateMeanings[state]}</p>
      </Empty>
    );
  return (
    <Empty icon="deliveries" title="Nothing was to be delivered yet">
      <p>
        Give an assistant a Server URL. Of each of its calls your application is then told what happens, in
        order and at least once; here is what became of each event.
      </p>
    </Empty>
  );
}
