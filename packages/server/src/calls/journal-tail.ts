import type { CallId, TeamId } from "@offhook/protocol";
import type { Bus, News } from "../bus.ts";
import type { Clock } from "../clock.ts";
import type { Store, StoredEntry } from "../store.ts";

/** A list of entries that grows: one call's, or all of a team. */
export type Journal = {
  /** Entries after a cursor, in order. */
  read(after: number, limit: number): Promise<StoredEntry[]>;
  cursorOf(entry: StoredEntry): number;
  /** Has the bell rung when there may be more; returns the way to stop. */
  watch(ring: () => void): () => void;
};

export type JournalParts = { store: Pick<Store, "entriesOfCall" | "entriesOfTeam">; bus: Bus };

/** What happened in one call; its cursor is `seq`. */
export function journalOfCall(
  { store, bus }: JournalParts,
  whom: { teamId: TeamId; callId: CallId },
): Journal {
  return {
    read: (after, limit) => store.entriesOfCall({ callId: whom.callId, after, limit }),
    cursorOf: ({ seq }) => seq,
    watch: (ring) => bus.watch(whom, ringsFor(ring)),
  };
}

/** What happened in all calls of a team; its cursor is the entry's place in the store. */
export function journalOfTeam({ store, bus }: JournalParts, teamId: TeamId): Journal {
  return {
    read: (after, limit) => store.entriesOfTeam({ teamId, after, limit }),
    cursorOf: ({ position }) => position,
    watch: (ring) => bus.watch({ teamId }, ringsFor(ring)),
  };
}

/** What is only shown live is not in the journal. */
function ringsFor(ring: () => void): (news: News) => void {
  return ({ kind }) => kind !== "live" && ring();
}

export type Tail = {
  journal: Journal;
  after: number;
  /** Entries at a time. */
  limit: number;
  /** How long to wait for more before saying that there is none. */
  idleMs: number;
  clock: Clock;
  signal: AbortSignal;
  /** What comes beside the entries. */
  aside?: Aside | undefined;
};

/** Something that is looked for whenever entries are: it rings, and then there is some waiting. */
export type Aside = { waiting(): boolean; watch(ring: () => void): () => void };

/**
 * Follows a journal from a cursor until the signal: what is there, then what
 * comes. Nothing is missed and nothing comes twice, for the bell is watched
 * first and entries are only ever read from the store, by cursor. After
 * `idleMs` without any it gives an empty list, and looks again in case nobody
 * rang. What waits aside gives an empty list at once.
 */
export async function* tail({
  journal,
  after,
  limit,
  idleMs,
  clock,
  signal,
  aside,
}: Tail): AsyncGenerator<StoredEntry[]> {
  const bell = new Bell(clock);
  const ring = (): void => bell.ring();
  const stop = journal.watch(ring);
  const stopAside = aside?.watch(ring);
  signal.addEventListener("abort", ring);
  try {
    for (let cursor = after; !signal.aborted;) {
      bell.still();
      const entries = await journal.read(cursor, limit);
      const last = entries.at(-1);
      if (last !== undefined) cursor = journal.cursorOf(last);
      if (last !== undefined || aside?.waiting() === true || !(await bell.rungWithin(idleMs))) yield entries;
    }
  } finally {
    stop();
    stopAside?.();
    signal.removeEventListener("abort", ring);
  }
}

/** Remembers that it was rung, until it is stilled. */
class Bell {
  readonly #clock: Clock;
  #rung = false;
  #hear: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#rung = true;
    this.#hear?.();
  }

  still(): void {
    this.#rung = false;
  }

  /** Waits until it is rung, at most so long; answers whether it was. */
  rungWithin(limitMs: number): Promise<boolean> {
    if (this.#rung) return Promise.resolve(true);
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#hear = undefined;
        resolve(this.#rung);
      };
      const cancel = this.#clock.after(limitMs, done);
      this.#hear = done;
    });
  }
}
