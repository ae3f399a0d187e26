import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { isLive } from "../calls/call-words.ts";
import { ControlButtons } from "../calls/control.tsx";
import { Conversation, Words } from "../calls/conversation.tsx";
import { Entries } from "../calls/entries.tsx";
import { useDeliveries } from "../calls/use-deliveries.ts";
import { type Journal, useJournal } from "../calls/use-journal.ts";
import { buttonClass } from "../ui/button.tsx";
import { Loading, Notice, ProblemNotice } from "../ui/notice.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { Composer } from "./composer.tsx";
import { LiveStateLine } from "./live-state.tsx";
import { silenceOf } from "./silence.ts";
import { SilenceMeter } from "./silence-meter.tsx";
import { StartTalk } from "./start-talk.tsx";
import { type Talking, useLiveSession } from "./use-live-session.ts";

const route = getRouteApi("/inside/talk");

/** A chat with an assistant, and beside it all that happens behind the words. */
export function TalkPage() {
  const { callId, assistantId } = route.useSearch();
  if (callId !== undefined) return <OpenTalk key={callId} callId={callId} assistantId={assistantId} />;
  return (
    <>
      <PageHead title="Talk" about="A real call, in which you are the caller." />
      <div className="min-h-0 flex-1 overflow-auto">
        <StartTalk />
      </div>
    </>
  );
}

type OpenProps = { callId: string; assistantId: string | undefined };

function OpenTalk({ callId, assistantId }: OpenProps) {
  const journal = useJournal(callId);
  const talking = useLiveSession(callId);
  const { reading } = journal;
  const live = reading !== undefined && isLive(reading.call);
  const [side, setSide] = useState<"chat" | "events">("chat");
  return (
    <>
      <PageHead title={nameOf(journal)}>
        {live && <ControlButtons callId={callId} />}
        <Link to="/calls/$callId" params={{ callId }} search={{}} className={buttonClass("plain", true)}>
          Open the call
        </Link>
        <Link to="/talk" search={{ assistantId }} className={buttonClass(live ? "plain" : "primary", true)}>
          New call
        </Link>
      </PageHead>
      {journal.problem !== undefined && <ProblemNotice problem={journal.problem} />}
      <div className="shrink-0 border-b border-line bg-panel px-3 py-1 lg:hidden">
        <Tabs
          label="Sides of the call"
          tabs={[
            { id: "chat", name: "Chat" },
            { id: "events", name: "Events", count: journal.events.length },
          ]}
          chosen={side}
          onChoose={setSide}
        />
      </div>
      {reading === undefined ? (
        <Loading />
      ) : (
        <div className="flex min-h-0 flex-1">
          <Chat journal={journal} talking={talking} isLive={live} isHidden={side !== "chat"} />
          <Beside callId={callId} journal={journal} isHidden={side !== "events"} />
        </div>
      )}
    </>
  );
}

function nameOf({ reading }: Journal): string {
  const name = reading?.assistant["name"];
  return typeof name === "string" ? name : "Talk";
}

type ChatProps = { journal: Journal; talking: Talking; isLive: boolean; isHidden: boolean };

function Chat({ journal: { events, reading }, talking, isLive: live, isHidden }: ChatProps) {
  const silence = live ? silenceOf(events, talking.lastWordsAt) : undefined;
  const messages = reading?.messages ?? [];
  const known = new Set(messages.map(({ messageId }) => messageId));
  const streaming = [...talking.words].filter(([id]) => !known.has(id));
  const end = useRef<HTMLDivElement>(null);
  const length = streaming.reduce((sum, [, text]) => sum + text.length, 0);
  useEffect(() => {
    // Newer browsers answer with a promise, which is no clean-up.
    end.current?.scrollIntoView({ block: "end" });
  }, [messages.length, length, silence?.since]);
  return (
    <section
      aria-label="Chat"
      className={`flex min-h-0 min-w-0 flex-1 flex-col bg-panel lg:max-w-xl lg:border-r lg:border-line ${isHidden ? "max-lg:hidden" : ""}`}
    >
      <div className="min-h-0 flex-1 overflow-auto" tabIndex={0} role="region" aria-label="What was said">
        <Conversation messages={messages}>
          {streaming.map(([id, text]) => (
            <div key={id} className="max-w-[85%] self-start" data-streaming>
              <Words speaker="assistant">{text}</Words>
            </div>
          ))}
          {silence !== undefined && streaming.length === 0 && <SilenceMeter silence={silence} />}
          {talking.trouble !== undefined && <Notice tone="warn">{talking.trouble}</Notice>}
          {!live && <p className="self-center text-xs text-soft">The call is over.</p>}
        </Conversation>
        <div ref={end} />
      </div>
      {live && <LiveStateLine state={talking.state} />}
      <Composer line={live ? (talking.isOpen ? "open" : "away") : "over"} onSay={talking.say} />
    </section>
  );
}

type BesideProps = { callId: string; journal: Journal; isHidden: boolean };

function Beside({ callId, journal: { events, reading }, isHidden }: BesideProps) {
  const [chosen, setChosen] = useState<number>();
  const isGrowing = reading?.call.metrics === null;
  const deliveries = useDeliveries(callId, isGrowing);
  return (
    <div className={`flex min-h-0 min-w-0 flex-1 ${isHidden ? "max-lg:hidden" : ""}`}>
      <Entries events={events} deliveries={deliveries} chosen={chosen} onChoose={setChosen} isLive />
    </div>
  );
}
