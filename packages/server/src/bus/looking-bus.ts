import type { Bus, News, Watched } from "../bus.ts";
import type { Cancel, Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store.ts";
import { tellOne } from "./watchers.ts";

export const lookingLimits = {
  /** How often it is looked whether something was written of which nobody was told. */
  lookEveryMs: 1_000,
  /** Watchers that are sent to the store at one look; the others have their turn at the next. */
  watchersMax: 200,
} as const;

export type LookingParts = {
  bus: Bus;
  store: Pick<Store, "lastPosition">;
  clock: Clock;
  log: Log;
  /** Ends the looking, also where somebody still watches. */
  signal?: AbortSignal;
};

type Watcher = Watched & { hear: (news: News) => void; heard: boolean };

/**
 * A bus whose news may be lost between servers, made good by looking: while
 * anything is written, a watcher that has heard nothing for a while is told of a
 * gap, and reads the store. One timer for all, and none where nobody watches.
 */
export function lookingBus(parts: LookingParts): Bus {
  const looks = new Looks(parts);
  const { bus } = parts;
  return {
    publish: (news) => bus.publish(news),
    watch: (whom, hear) => looks.watch(whom, hear),
    wake: () => bus.wake(),
    onWake: (hear) => bus.onWake(hear),
  };
}

class Looks {
  readonly #parts: LookingParts;
  /** Those who were told of a gap longest ago come first. */
  readonly #watchers = new Set<Watcher>();
  #position: number | undefined;
  #moved = false;
  #next: Cancel | undefined;

  constructor(parts: LookingParts) {
    this.#parts = parts;
    parts.signal?.addEventListener("abort", () => this.#next?.(), { once: true });
  }

  watch(whom: Watched, hear: (news: News) => void): () => void {
    const watcher: Watcher = { ...whom, hear, heard: false };
    const stop = this.#parts.bus.watch(whom, (news) => {
      if (news.kind !== "live") watcher.heard = true;
      return hear(news);
    });
    this.#watchers.add(watcher);
    if (this.#next === undefined) this.#lookLater();
    return () => {
      stop();
      this.#watchers.delete(watcher);
    };
  }

  #lookLater(): void {
    if (this.#parts.signal?.aborted === true) return;
    this.#next = this.#parts.clock.after(lookingLimits.lookEveryMs, () => {
      void this.#look().finally(() => {
        if (this.#watchers.size > 0) return this.#lookLater();
        this.#next = undefined;
        this.#position = undefined;
      });
    });
  }

  async #look(): Promise<void> {
    const position = await this.#parts.store.lastPosition().catch(() => undefined);
    if (position === undefined) return;
    const moves = position !== this.#position;
    this.#position = position;
    // Once more after the last move: what has an earlier position may become visible later.
    const isWorthIt = moves || this.#moved;
    this.#moved = moves;
    if (isWorthIt) this.#tellOfGaps();
  }

  #tellOfGaps(): void {
    const silent: Watcher[] = [];
    for (const watcher of this.#watchers) {
      if (!watcher.heard && silent.length < lookingLimits.watchersMax) silent.push(watcher);
      watcher.heard = false;
    }
    for (const watcher of silent) {
      this.#tell(watcher);
      if (this.#watchers.delete(watcher)) this.#watchers.add(watcher);
    }
  }

  #tell({ teamId, callId, hear }: Watcher): void {
    tellOne(hear, { kind: "gap", teamId, callId: callId ?? null }, this.#parts.log);
  }
}
