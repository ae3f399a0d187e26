import { type CallId, type LiveUpdate, readEntries, type Reading, type TeamId } from "@offhook/protocol";
import type { News } from "../bus.ts";
import type { Store, StoredEntry } from "../store.ts";
import { liveLimits } from "./limits.ts";
import { updateOf, updatesSoFar } from "./updates.ts";

export type Whom = { teamId: TeamId; callId: CallId };

/**
 * What is to be shown of a call, each thing once and in order: the bus is
 * quick, the store is sure. Entries that the bus left out are read from the
 * store, those that it repeats are left out.
 */
export class WatchedCall {
  readonly #store: Pick<Store, "entriesOfCall">;
  readonly #whom: Whom;
  /** The last entry that was shown. */
  #seq = 0;
  /** Messages that were shown whole: a late piece of one would double it. */
  readonly #whole = new Set<string>();
  /** Messages of which only pieces were shown so far. */
  readonly #begun = new Set<string>();
  #isTorn = false;

  constructor(store: Pick<Store, "entriesOfCall">, whom: Whom) {
    this.#store = store;
    this.#whom = whom;
  }

  /** Whether pieces were shown of what was lost with a server, and never comes whole: then it must be shown anew. */
  get isTorn(): boolean {
    return this.#isTorn;
  }

  /** All there is so far. */
  async begin(): Promise<LiveUpdate[]> {
    let reading: Reading | undefined;
    for await (const entries of this.#unread()) {
      reading = readEntries(reading, entries);
      for (const entry of entries) this.#note(entry);
    }
    return reading === undefined ? [] : updatesSoFar(reading);
  }

  /** What news add to it. */
  hear(news: News): LiveUpdate[] | Promise<LiveUpdate[]> {
    if (news.kind === "live") return this.#hearLive(news.update);
    if (news.kind === "gap") return this.catchUp();
    const [first] = news.entries;
    const isGap = first !== undefined && first.seq > this.#seq + 1;
    return isGap ? this.catchUp() : this.#show(news.entries);
  }

  /** What the store has and was not shown yet. */
  async catchUp(): Promise<LiveUpdate[]> {
    const updates: LiveUpdate[] = [];
    for await (const entries of this.#unread()) updates.push(...this.#show(entries));
    return updates;
  }

  async *#unread(): AsyncGenerator<StoredEntry[]> {
    for (;;) {
      const limit = liveLimits.pageMax;
      const entries = await this.#store.entriesOfCall({ callId: this.#whom.callId, after: this.#seq, limit });
      yield entries;
      if (entries.length < limit) return;
    }
  }

  #show(entries: readonly StoredEntry[]): LiveUpdate[] {
    return entries.flatMap((entry) => {
      if (entry.seq <= this.#seq) return [];
      this.#note(entry);
      return updateOf(entry.what) ?? [];
    });
  }

  #note({ seq, what }: StoredEntry): void {
    this.#seq = seq;
    if (what.type === "taken-up" && this.#begun.size > 0) this.#isTorn = true;
    if (what.type !== "message-added") return;
    this.#whole.add(what.message.messageId);
    this.#begun.delete(what.message.messageId);
  }

  #hearLive(update: LiveUpdate): LiveUpdate[] {
    if (this.#isOld(update)) return [];
    if (update.type === "delta") this.#begun.add(update.messageId);
    return [update];
  }

  #isOld(update: LiveUpdate): boolean {
    return update.type === "delta" && this.#whole.has(update.messageId);
  }
}
