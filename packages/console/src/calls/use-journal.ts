import type { Entry, EventView, Problem, Reading } from "@offhook/protocol";
import { readEntries } from "@offhook/protocol";
import { useEffect, useMemo, useState } from "react";
import { after } from "../clock.ts";
import { server } from "../ui/server.ts";

/** What came within so many ms is shown together. */
const gatherMs = 50;

export type Journal = {
  events: readonly EventView[];
  reading: Reading | undefined;
  /** Why no more comes; `undefined` while it does. */
  problem: Problem | undefined;
};

/** A call's journal as it grows, and what it says of the call. For one call: who shows another begins anew. */
export function useJournal(callId: string): Journal {
  const [events, setEvents] = useState<readonly EventView[]>([]);
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    return follow(callId, { add: (more) => setEvents((before) => [...before, ...more]), fail: setProblem });
  }, [callId]);
  const reading = useMemo(() => readEntries(undefined, events.map(entryOf)), [events]);
  return { events, reading, problem };
}

type Heard = { add: (events: EventView[]) => void; fail: (problem: Problem) => void };

function follow(callId: string, { add, fail }: Heard): () => void {
  const stop = new AbortController();
  const waiting: EventView[] = [];
  const give = (): void => (stop.signal.aborted ? undefined : add(waiting.splice(0)));
  const read = async (): Promise<void> => {
    for await (const event of server.calls.follow(callId, { signal: stop.signal })) {
      if (stop.signal.aborted) return;
      if (!event.ok) return fail(event.problem);
      if (waiting.push(event.value) === 1) after(gatherMs, give);
    }
  };
  void read();
  return () => stop.abort();
}

/** An event of the API as the entry that it shows. */
function entryOf({ seq, at, data, told }: EventView): Entry {
  return { seq, at, sequence: told?.sequence ?? null, what: data };
}
