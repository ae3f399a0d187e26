import type { Delivery, EventView, Reading } from "@offhook/protocol";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { LiveStateLine } from "../talk/live-state.tsx";
import { useLiveSession } from "../talk/use-live-session.ts";
import { Loading, ProblemNotice } from "../ui/notice.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { useNow } from "../ui/use-now.ts";
import { AnalysisPanel } from "./analysis.tsx";
import { CallHead } from "./call-head.tsx";
import { isLive } from "./call-words.ts";
import { Conversation } from "./conversation.tsx";
import { Entries } from "./entries.tsx";
import { Strip } from "./strip.tsx";
import { timeLine } from "./time-line.ts";
import { useDeliveries } from "./use-deliveries.ts";
import { type Journal, useJournal } from "./use-journal.ts";

const route = getRouteApi("/inside/calls/$callId");

/** One call: what was said on one side, everything that happened on the other, and all of it in time. */
export function CallPage() {
  const { callId } = route.useParams();
  return <OneCall key={callId} callId={callId} />;
}

function OneCall({ callId }: { callId: string }) {
  const journal = useJournal(callId);
  const { reading, problem } = journal;
  if (problem !== undefined && reading === undefined)
    return (
      <div className="p-6">
        <ProblemNotice problem={problem} />
      </div>
    );
  if (reading === undefined) return <Loading rows={10} />;
  return <OpenCall callId={callId} journal={journal} reading={reading} />;
}

type OpenProps = { callId: string; journal: Journal; reading: Reading };

function OpenCall({ callId, journal: { events, problem }, reading }: OpenProps) {
  const live = isLive(reading.call);
  const isGrowing = reading.call.metrics === null;
  const deliveries = useDeliveries(callId, isGrowing);
  const now = useNow(500, isGrowing);
  const line = useMemo(() => timeLine(events, deliveries, now), [events, deliveries, now]);
  const { state } = useLiveSession(live ? callId : undefined);
  const [chosen, choose] = useChosen(callId);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <CallHead reading={reading} events={events} now={now} isLive={live} />
      {live && (
        <div className="shrink-0 border-b border-line bg-panel md:px-2">
          <LiveStateLine state={state} />
        </div>
      )}
      {problem !== undefined && <ProblemNotice problem={problem} />}
      <Strip line={line} chosen={chosen} onChoose={choose} />
      <Sides events={events} reading={reading} deliveries={deliveries} chosen={chosen} onChoose={choose} />
    </div>
  );
}

/** The entry that is opened, kept in the address. */
function useChosen(callId: string): [number | undefined, (seq: number | undefined) => void] {
  const { entry } = route.useSearch();
  const navigate = useNavigate();
  const choose = (seq: number | undefined): void =>
    void navigate({
      to: "/calls/$callId",
      params: { callId },
      search: { entry: seq === undefined ? undefined : String(seq) },
      replace: true,
    });
  return [entry === undefined ? undefined : Number(entry), choose];
}

const views = ["conversation", "entries", "analysis"] as const;
type View = (typeof views)[number];

type SidesProps = {
  events: readonly EventView[];
  reading: Reading;
  deliveries: ReadonlyMap<number, Delivery>;
  chosen: number | undefined;
  onChoose: (seq: number | undefined) => void;
};

function Sides({ events, reading, deliveries, chosen, onChoose }: SidesProps) {
  const [view, setView] = useState<View>("conversation");
  const marked = events.find(({ seq }) => seq === chosen)?.data;
  const seqOf = (messageId: string): number | undefined =>
    events.find(({ data }) => data.type === "message-added" && data.message.messageId === messageId)?.seq;
  const show = (messageId: string): void => {
    setView("conversation");
    onChoose(seqOf(messageId));
  };
  return (
    <div className="flex min-h-0 flex-1 max-lg:flex-col">
      <section
        className={`flex min-h-0 flex-col border-line bg-panel lg:w-2/5 lg:border-r ${view === "entries" ? "max-lg:shrink-0" : "max-lg:flex-1"}`}
      >
        <div className="shrink-0 border-b border-line px-3 py-1.5">
          <Tabs
            label="Views of the call"
            tabs={[
              { id: "conversation", name: "Conversation", count: reading.messages.length },
              { id: "analysis", name: "Analysis" },
              { id: "entries", name: "Entries", count: events.length, isNarrowOnly: true },
            ]}
            chosen={view}
            onChoose={setView}
          />
        </div>
        <div
          className={`min-h-0 flex-1 overflow-auto ${view === "entries" ? "max-lg:hidden" : ""}`}
          tabIndex={0}
          role="region"
          aria-label={view}
        >
          {view === "analysis" ? (
            <div className="p-4">
              <AnalysisPanel call={reading.call} onEvidence={show} />
            </div>
          ) : (
            <Conversation
              messages={reading.messages}
              marked={marked?.type === "message-added" ? marked.message.messageId : undefined}
              onChoose={(id) => onChoose(seqOf(id))}
            />
          )}
        </div>
      </section>
      <div className={`flex min-h-0 min-w-0 flex-1 ${view === "entries" ? "" : "max-lg:hidden"}`}>
        <Entries
          events={events}
          deliveries={deliveries}
          chosen={chosen}
          onChoose={onChoose}
          isLive={isLive(reading.call)}
        />
      </div>
    </div>
  );
}
