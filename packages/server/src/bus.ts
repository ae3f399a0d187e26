import type { CallId, LiveUpdate, TeamId } from "@offhook/protocol";
import type { StoredEntry } from "./store.ts";

/** News among the servers that share a store, for those who watch. Nothing durable depends on it. */
export type News =
  | { kind: "entries"; teamId: TeamId; callId: CallId; entries: readonly StoredEntry[] }
  | { kind: "live"; teamId: TeamId; callId: CallId; update: LiveUpdate }
  /** Something may have been written that is not told here: read the store. Of the whole team where no call is named. */
  | { kind: "gap"; teamId: TeamId; callId: CallId | null };

/** One call, or a whole team. */
export type Watched = { teamId: TeamId; callId?: CallId };

export interface Bus {
  /** Tells those who watch here at once, and those on other servers when it reaches them, if it does. Never throws. */
  publish(news: News): void;
  /** Hears of one call, or of a whole team when no call is named; returns the way to stop. */
  watch(whom: Watched, hear: (news: News) => void): () => void;
  /** Tells every server that delivers that something may have come due. */
  wake(): void;
  /** Hears of it, of this server too; returns the way to stop. */
  onWake(hear: () => void): () => void;
}
