import type { Delivery, EventView } from "@offhook/protocol";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useEffect, useRef, useState } from "react";
import { Tabs } from "../ui/tabs.tsx";
import { type EntryKind, entryKinds, isOfKind } from "./entry-words.ts";
import { EntryRow } from "./entry-row.tsx";

type Props = {
  events: readonly EventView[];
  deliveries: ReadonlyMap<number, Delivery>;
  chosen: number | undefined;
  onChoose: (seq: number | undefined) => void;
  /** Whether the newest is kept in sight while it comes. */
  isLive: boolean;
};

/** Everything that happened, in order; one of them opened. */
export function Entries({ events, deliveries, chosen, onChoose, isLive }: Props) {
  const [kind, setKind] = useState<EntryKind>("all");
  const shown = events.filter((event) => isOfKind(event, kind));
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: () => 44,
    overscan: 20,
    getItemKey: (index) => shown[index]?.seq ?? index,
  });
  const place = shown.findIndex(({ seq }) => seq === chosen);
  useEffect(() => {
    if (place >= 0) rows.scrollToIndex(place, { align: "auto" });
  }, [place, rows]);
  useNewest(box, { length: shown.length, isOn: isLive && chosen === undefined });
  const beginning = events[0]?.at ?? 0;
  return (
    <section aria-label="Everything that happened" className="flex min-h-0 min-w-0 flex-1 flex-col bg-panel">
      <div className="flex shrink-0 items-center gap-3 overflow-x-auto border-b border-line px-3 py-1.5">
        <Tabs
          label="Which entries"
          tabs={entryKinds.map((id) => ({ id, name: kindNames[id] }))}
          chosen={kind}
          onChoose={setKind}
        />
      </div>
      <div ref={box} className="min-h-0 flex-1 overflow-auto">
        <ol className="relative" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ key, index, start }) => {
            const event = shown[index];
            return (
              event !== undefined && (
                <li
                  key={key}
                  ref={rows.measureElement}
                  data-index={index}
                  className="absolute inset-x-0 top-0 border-b border-line"
                  style={{ transform: `translateY(${start}px)` }}
                >
                  <EntryRow
                    event={event}
                    delivery={event.told === null ? undefined : deliveries.get(event.told.sequence)}
                    offsetMs={event.at - beginning}
                    isOpen={event.seq === chosen}
                    onOpen={() => onChoose(event.seq === chosen ? undefined : event.seq)}
                  />
                </li>
              )
            );
          })}
        </ol>
      </div>
    </section>
  );
}

const kindNames: Record<EntryKind, string> = {
  all: "All",
  conversation: "Conversation",
  model: "Model",
  tools: "Tools",
  trouble: "Trouble",
  told: "Told",
};

/** Keeps the end in sight, unless one has scrolled away from it. */
function useNewest(
  box: RefObject<HTMLDivElement | null>,
  { length, isOn }: { length: number; isOn: boolean },
): void {
  const wasAtEnd = useRef(true);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const look = (): void => {
      wasAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 80;
    };
    element.addEventListener("scroll", look);
    return () => element.removeEventListener("scroll", look);
  }, [box]);
  useEffect(() => {
    if (isOn && wasAtEnd.current) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [box, length, isOn]);
}
