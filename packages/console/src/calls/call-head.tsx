import type { EventView, Reading } from "@offhook/protocol";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Badge, LiveDot } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Copy } from "../ui/copy.tsx";
import { Icon } from "../ui/icon.tsx";
import { Moment } from "../ui/moment.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { saveFile } from "../ui/save-file.ts";
import { inks } from "../ui/tone.ts";
import { figure, shortId, span } from "../ui/words.ts";
import { callerOf, ending, statusTones } from "./call-words.ts";
import { ControlButtons } from "./control.tsx";

type Props = { reading: Reading; events: readonly EventView[]; now: number; isLive: boolean };

/** Who called whom, how it stands, and what can be done about it. */
export function CallHead({ reading, events, now, isLive }: Props) {
  const { call } = reading;
  const save = (): void =>
    saveFile(
      `${call.id}.json`,
      JSON.stringify({ ...call, messages: reading.messages, events }, undefined, 2),
    );
  return (
    <>
      <PageHead title={reading.customer.name ?? callerOf(call)}>
        <Badge tone={statusTones[call.status]}>
          {isLive && <LiveDot />} {call.status}
        </Badge>
        {isLive && <ControlButtons callId={call.id} />}
        <Button isSmall onClick={save}>
          <Icon name="download" /> JSON
        </Button>
      </PageHead>
      <dl className="flex shrink-0 gap-x-6 gap-y-1 overflow-x-auto border-b border-line bg-panel px-4 py-2 md:px-6 md:flex-wrap">
        <Facts reading={reading} now={now} />
      </dl>
    </>
  );
}

function Facts({ reading: { call, assistant }, now }: { reading: Reading; now: number }) {
  const end = ending(call);
  const name = typeof assistant["name"] === "string" ? assistant["name"] : "inline";
  const first = call.metrics?.llm.firstContentMs?.p50;
  return (
    <>
      <Fact name="Call">
        <Copy text={call.id} shown={shortId(call.id)} label="the call's id" />
      </Fact>
      <Fact name="Assistant">
        {call.assistantId === null ? (
          name
        ) : (
          <Link
            to="/assistants/$assistantId"
            params={{ assistantId: call.assistantId }}
            className="text-accent underline-offset-2 hover:underline"
          >
            {name}
          </Link>
        )}
      </Fact>
      <Fact name="Began">
        <Moment at={call.createdAt} />
      </Fact>
      <Fact name="Duration">{durationOf(call.startAt, call.endAt, now)}</Fact>
      {end !== undefined && (
        <Fact name="Ended">
          <span className={inks[end.tone]}>{end.words}</span>
        </Fact>
      )}
      {call.metrics !== null && (
        <>
          <Fact name="Turns">{figure(call.metrics.turns)}</Fact>
          <Fact name="Tools">{`${call.metrics.toolCalls}${call.metrics.toolFailures > 0 ? `, ${call.metrics.toolFailures} failed` : ""}`}</Fact>
          <Fact name="Hangs">{figure(call.metrics.hangs)}</Fact>
          {first !== undefined && <Fact name="First content, p50">{span(first)}</Fact>}
        </>
      )}
      {call.cost !== null && (
        <Fact name="Tokens">{`${tokens(call.cost.llmPromptTokens)} in, ${tokens(call.cost.llmCompletionTokens)} out`}</Fact>
      )}
    </>
  );
}

/** Null where the model's server did not say. */
function tokens(count: number | null): string {
  return count === null ? "unknown" : figure(count);
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0 shrink-0">
      <dt className="text-tiny text-soft">{name}</dt>
      <dd className="tabular min-h-6">{children}</dd>
    </div>
  );
}

function durationOf(startAt: string | null, endAt: string | null, now: number): string {
  if (startAt === null) return "—";
  return span(Math.max(0, (endAt === null ? now : Date.parse(endAt)) - Date.parse(startAt)));
}
