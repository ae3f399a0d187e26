import type { Delivery, Problem } from "@offhook/protocol";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Copy } from "../ui/copy.tsx";
import { CloseButton } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { Away, Moment } from "../ui/moment.tsx";
import { FailureNotice, Loading, ProblemNotice } from "../ui/notice.tsx";
import { server, valueOf } from "../ui/server.ts";
import { useNow } from "../ui/use-now.ts";
import { shortId } from "../ui/words.ts";
import { Attempts } from "./attempts.tsx";
import { stateMeanings, stateTones } from "./delivery-words.ts";

const route = getRouteApi("/inside/deliveries");
const lookMs = 1_000;

/** One event on its way: how it stands and why, and every attempt. */
export function DeliveryDetail({ id }: { id: string }) {
  const navigate = useNavigate();
  const search = route.useSearch();
  const { data, error } = useQuery({
    queryKey: ["delivery", id],
    queryFn: () => valueOf(server.deliveries.get(id)),
    refetchInterval: lookMs,
  });
  const close = (): void =>
    void navigate({ to: "/deliveries", search: { ...search, event: undefined }, replace: true });
  return (
    <section
      aria-label="The delivery"
      className="flex min-h-0 w-full flex-col overflow-auto border-line bg-panel xl:w-[44rem] xl:border-l"
    >
      <div className="flex items-center justify-between gap-2 border-b border-line px-4 py-2 md:px-6">
        <h2 className="font-semibold">{data?.type ?? "Event"}</h2>
        <CloseButton onClick={close} label="Close the delivery" />
      </div>
      {error !== null && <FailureNotice error={error} />}
      {data === undefined ? error === null && <Loading /> : <Detail delivery={data} />}
    </section>
  );
}

function Detail({ delivery }: { delivery: Delivery }) {
  const { id, callId, sequence, state, at, nextAt, reason } = delivery;
  const now = useNow(1_000);
  return (
    <div className="flex flex-col gap-4 p-4 md:p-6">
      <div className="flex flex-wrap items-center gap-3">
        <Badge tone={stateTones[state]}>{state}</Badge>
        <span className="text-soft">{stateMeanings[state]}</span>
      </div>
      {reason !== null && <p className="rounded-lg bg-sunken px-3 py-2">{reason}</p>}
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        <dt className="text-soft">Event</dt>
        <dd className="min-w-0">
          <Copy text={id} label="the event's id" />
        </dd>
        <dt className="text-soft">Call</dt>
        <dd>
          <Link
            to="/calls/$callId"
            params={{ callId }}
            search={{}}
            className="text-accent underline underline-offset-2"
          >
            {shortId(callId)}
          </Link>
          , event {sequence}
        </dd>
        <dt className="text-soft">Happened</dt>
        <dd>
          <Moment at={at} />
        </dd>
        {nextAt !== null && (
          <>
            <dt className="text-soft">Next attempt</dt>
            <dd>
              <Away at={nextAt} now={now} />
            </dd>
          </>
        )}
      </dl>
      <Again delivery={delivery} />
      <h3 className="font-semibold">Attempts</h3>
      <Attempts id={id} state={state} />
    </div>
  );
}

function Again({ delivery: { id, callId, state } }: { delivery: Delivery }) {
  const queries = useQueryClient();
  const [problem, setProblem] = useState<Problem>();
  const send = async (what: string): Promise<void> => {
    const answer = await server.deliveries.redeliver(what);
    setProblem(answer.ok ? undefined : answer.problem);
    await queries.invalidateQueries();
  };
  return (
    <div className="flex flex-wrap gap-2">
      <Button look="primary" onClick={() => void send(id)}>
        <Icon name="again" /> {state === "retrying" ? "Try now" : "Send again"}
      </Button>
      {state === "dead" && <Button onClick={() => void send(callId)}>All dead letters of this call</Button>}
      {problem !== undefined && <ProblemNotice problem={problem} />}
    </div>
  );
}
