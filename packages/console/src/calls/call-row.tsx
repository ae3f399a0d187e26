import type { CallView } from "@offhook/protocol";
import { Link } from "@tanstack/react-router";
import { Badge, LiveDot } from "../ui/badge.tsx";
import { Away } from "../ui/moment.tsx";
import { inks } from "../ui/tone.ts";
import { span } from "../ui/words.ts";
import { analysisOf, callerOf, ending, isLive, statusTones, verdictTone } from "./call-words.ts";

type Props = { call: CallView; assistant: string | undefined; now: number };

/** A call in a list: who, how it stands, how it ended. */
export function CallRow({ call, assistant, now }: Props) {
  const end = ending(call);
  return (
    <Link
      to="/calls/$callId"
      params={{ callId: call.id }}
      search={{}}
      data-row
      className="grid h-full grid-cols-[1fr_auto] items-center gap-x-4 bg-panel px-4 hover:bg-sunken focus-visible:-outline-offset-2 md:grid-cols-[6.5rem_minmax(0,1.2fr)_minmax(0,1.2fr)_6rem_7rem] md:px-6"
    >
      <span className="max-md:hidden">
        <Badge tone={statusTones[call.status]}>
          {isLive(call) && <LiveDot />} {call.status}
        </Badge>
      </span>
      <span className="min-w-0">
        <span className="block truncate font-medium">{callerOf(call)}</span>
        <span className="block truncate text-xs text-soft">{assistant ?? "an assistant of its own"}</span>
      </span>
      <span className="flex min-w-0 items-center gap-2 max-md:hidden">
        {end !== undefined && <span className={`truncate ${inks[end.tone]}`}>{end.words}</span>}
        <Verdict call={call} />
      </span>
      <span className="tabular text-right text-soft max-md:hidden">{durationOf(call, now)}</span>
      <span className="text-right text-xs text-soft">
        <span className="block md:hidden">{isLive(call) ? call.status : durationOf(call, now)}</span>
        <Away at={Date.parse(call.createdAt)} now={now} />
      </span>
    </Link>
  );
}

function Verdict({ call }: { call: CallView }) {
  const verdict = analysisOf(call)?.successEvaluation;
  return verdict === undefined ? null : <Badge tone={verdictTone(verdict)}>{verdict}</Badge>;
}

function durationOf({ startAt, endAt }: CallView, now: number): string {
  if (startAt === null) return "—";
  return span(Math.max(0, (endAt === null ? now : Date.parse(endAt)) - Date.parse(startAt)));
}
