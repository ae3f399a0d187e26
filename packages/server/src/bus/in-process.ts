import type { CallId, TeamId } from "@offhook/protocol";
import type { Bus, News } from "../bus.ts";
import { type Log, silentLog } from "../log.ts";

export const busLimits = {
  /** Watchers at the same time; those who let clients in stay far below it. */
  watchersMax: 50_000,
  /** News that may wait while others are told: a watcher that publishes makes some. */
  waitingMax: 10_000,
} as const;

/** News within one process, told at once and in order. What a watcher breaks stays with that watcher. */
export function openBus(log: Log = silentLog): Bus {
  return new InProcessBus(log);
}

type Watcher = { hear: (news: News) => unknown; stopped: boolean };

class InProcessBus implements Bus {
  readonly #log: Log;
  readonly #watchers = new Map<string, Set<Watcher>>();
  #count = 0;
  readonly #wakers = new Set<() => void>();
  #waiting: News[] = [];
  #telling = false;

  constructor(log: Log) {
    this.#log = log;
  }

  publish(news: News): void {
    if (this.#waiting.length >= busLimits.waitingMax) {
      return this.#log.error("news dropped: too many wait to be told", { callId: news.callId });
    }
    this.#waiting.push(news);
    if (this.#telling) return;
    this.#telling = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#tell(next);
    this.#telling = false;
  }

  watch(whom: { teamId: TeamId; callId?: CallId }, hear: (news: News) => void): () => void {
    if (this.#count >= busLimits.watchersMax)
      throw new Error(`more than ${busLimits.watchersMax} watch the bus`);
    const topic = topicOf(whom.teamId, whom.callId);
    const watcher: Watcher = { hear, stopped: false };
    const others = this.#watchers.get(topic);
    if (others === undefined) this.#watchers.set(topic, new Set([watcher]));
    else others.add(watcher);
    this.#count += 1;
    return () => this.#stop(topic, watcher);
  }

  wake(): void {
    for (const hear of this.#wakers) hear();
  }

  onWake(hear: () => void): () => void {
    this.#wakers.add(hear);
    return () => void this.#wakers.delete(hear);
  }

  #stop(topic: string, watcher: Watcher): void {
    if (watcher.stopped) return;
    watcher.stopped = true;
    this.#count -= 1;
    const watchers = this.#watchers.get(topic);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#watchers.delete(topic);
  }

  #tell(news: News): void {
    const ofCall = this.#watchers.get(topicOf(news.teamId, news.callId)) ?? [];
    const ofTeam = this.#watchers.get(topicOf(news.teamId, undefined)) ?? [];
    for (const watcher of [...ofCall, ...ofTeam]) if (!watcher.stopped) this.#tellOne(watcher, news);
  }

  #tellOne(watcher: Watcher, news: News): void {
    const blame = (error: unknown): void => {
      this.#log.error("a watcher of the bus failed", { callId: news.callId, kind: news.kind, error });
    };
    try {
      const answer = watcher.hear(news);
      if (answer instanceof Promise) answer.catch(blame);
    } catch (error) {
      blame(error);
    }
  }
}

function topicOf(teamId: TeamId, callId: CallId | undefined): string {
  return callId === undefined ? `team ${teamId}` : `call ${callId} ${teamId}`;
}
