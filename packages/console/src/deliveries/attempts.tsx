import type { Attempt, DeliveryState } from "@offhook/protocol";
import { useQuery } from "@tanstack/react-query";
import { Badge } from "../ui/badge.tsx";
import { JsonText } from "../ui/json-text.tsx";
import { Moment } from "../ui/moment.tsx";
import { FailureNotice, Loading } from "../ui/notice.tsx";
import { server, valueOf } from "../ui/server.ts";
import { bars } from "../ui/tone.ts";
import { span } from "../ui/words.ts";
import { outcomeTones } from "./delivery-words.ts";

const lookMs = 1_000;

/** The attempts at an event, the newest first, each with what was sent and answered. */
export function Attempts({ id, state }: { id: string; state: DeliveryState }) {
  const isUnderWay = state === "pending" || state === "retrying";
  const { data, error, isPending } = useQuery({
    queryKey: ["delivery", id, state],
    queryFn: () => valueOf(server.deliveries.get(id)),
    refetchInterval: isUnderWay ? lookMs : false,
  });
  if (error !== null) return <FailureNotice error={error} />;
  if (isPending) return <Loading rows={2} />;
  const longestMs = Math.max(1, ...data.attemptLog.map(({ elapsedMs }) => elapsedMs));
  if (data.attemptLog.length === 0) return <p className="text-soft">No attempt was made yet.</p>;
  return (
    <ol className="flex flex-col gap-2" aria-label="Attempts">
      {data.attemptLog.toReversed().map((attempt, index) => (
        <AttemptItem
          key={`${attempt.attempt} ${attempt.at}`}
          attempt={attempt}
          longestMs={longestMs}
          isOpen={index === 0}
        />
      ))}
    </ol>
  );
}

type ItemProps = { attempt: Attempt; longestMs: number; isOpen: boolean };

function AttemptItem({ attempt, longestMs, isOpen }: ItemProps) {
  const tone = outcomeTones[attempt.outcome];
  return (
    <li className="rounded-lg border border-line bg-panel">
      <details open={isOpen}>
        <summary className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1.5">
          <span className="font-medium">Attempt {attempt.attempt}</span>
          <Badge tone={tone}>{attempt.outcome}</Badge>
          <span className="text-xs text-soft">
            <Moment at={attempt.at} />
          </span>
          <span className="ml-auto flex items-center gap-2 text-xs text-soft">
            <span aria-hidden className="h-1.5 w-24 overflow-hidden rounded-full bg-sunken">
              <span
                className={`block h-full ${bars[tone]}`}
                style={{ width: `${(100 * attempt.elapsedMs) / longestMs}%` }}
              />
            </span>
            <span className="tabular">{span(attempt.elapsedMs)}</span>
          </span>
        </summary>
        <AttemptDetail attempt={attempt} />
      </details>
    </li>
  );
}

function AttemptDetail({ attempt }: { attempt: Attempt }) {
  const { detail, request, answer } = attempt;
  return (
    <div className="flex flex-col gap-3 border-t border-line p-3">
      <p>{detail}</p>
      <Phases attempt={attempt} />
      <div className="grid min-w-0 gap-3 xl:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-1">
          <h4 className="text-xs font-semibold text-soft">
            Request to <span className="font-mono font-normal [overflow-wrap:anywhere]">{request.url}</span>
          </h4>
          <JsonText value={request.headers} label="the request's headers" />
        </div>
        <div className="flex min-w-0 flex-col gap-1">
          <h4 className="text-xs font-semibold text-soft">
            {answer === null ? "No answer came" : `Answer ${answer.status}`}
          </h4>
          {answer !== null && (
            <>
              <JsonText value={answer.headers} label="the answer's headers" />
              <JsonText value={answer.body} label="the answer's body" />
            </>
          )}
        </div>
      </div>
    </div>
  );
}

const phaseNames: readonly (readonly [keyof Attempt["phases"], string])[] = [
  ["dnsMs", "DNS"],
  ["connectMs", "connect"],
  ["tlsMs", "TLS"],
  ["firstByteMs", "to the first byte"],
];

/** What an attempt spent its time on; what was not needed, or did not come about, is left out. */
function Phases({ attempt: { phases, elapsedMs } }: { attempt: Attempt }) {
  const known = phaseNames.flatMap(([phase, name]) => {
    const ms = phases[phase];
    return ms === null ? [] : [{ name, ms }];
  });
  return (
    <dl className="tabular flex flex-wrap gap-x-4 gap-y-1 text-xs" aria-label="Phases">
      {[...known, { name: "the whole", ms: elapsedMs }].map(({ name, ms }) => (
        <div key={name} className="flex gap-1.5">
          <dt className="text-soft">{name}</dt>
          <dd>{span(ms)}</dd>
        </div>
      ))}
    </dl>
  );
}
