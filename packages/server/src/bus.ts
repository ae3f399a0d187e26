import type { CallId, LiveUpdate, TeamId } from "@offhook/protocol";
import type { StoredEntry } from "./store.ts";

/** News inside the server, for those who watch. Nothing durable depends on it. */
export type News =
  | { kind: "entries"; teamId: TeamId; callId: CallId; entries: readonly StoredEntry[] }
  | { kind: "live"; teamId: TeamId; callId: CallId; update: LiveUpdate };

export interface Bus {
  publish(news: News): void;
  /** Hears of one call, or of a whole team when no call is named; returns the way to stop. */
  watch(whom: { teamId: TeamId; callId?: CallId }, hear: (news: News) => void): () => void;
  /** Tells every server that delivers that something may have come due. */
  wake(): void;
  /** Hears of it, of this server too; returns the way to stop. */
  onWake(hear: () => void): () => void;
}
