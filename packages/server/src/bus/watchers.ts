import type { Bus, News, Watched } from "../bus.ts";
import type { Log } from "../log.ts";

export const busLimits = {
  /** Watchers at the same time; those who let clients in stay far below it. */
  watchersMax: 50_000,
  /** News that may wait while others are told: a watcher that publishes makes some. */
  waitingMax: 10_000,
} as const;

type Watcher = { hear: (news: News) => unknown; stopped: boolean };
type Topic = { watchers: Set<Watcher>; unfollow: () => void };

/** Called for the first watcher of a topic; what it returns, after the last one. */
export type Follow = (whom: Watched) => () => void;

/** Those who watch in this process: told at once and in order. What a watcher breaks stays with that watcher. */
export class Watchers implements Pick<Bus, "watch" | "wake" | "onWake"> {
  readonly #log: Log;
  readonly #follow: Follow;
  readonly #topics = new Map<string, Topic>();
  #count = 0;
  readonly #wakers = new Set<() => void>();
  #waiting: { news: News; to: readonly Watched[] }[] = [];
  #telling = false;

  constructor(log: Log, follow: Follow = () => () => undefined) {
    this.#log = log;
    this.#follow = follow;
  }

  /** Tells news to the watchers of these topics, after all that is being told. */
  tell(news: News, to: readonly Watched[] = topicsOf(news)): void {
    if (this.#waiting.length >= busLimits.waitingMax) {
      return this.#log.error("news dropped: too many wait to be told", { callId: news.callId });
    }
    this.#waiting.push({ news, to });
    if (this.#telling) return;
    this.#telling = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#tell(next);
    this.#telling = false;
  }

  watch(whom: Watched, hear: (news: News) => void): () => void {
    if (this.#count >= busLimits.watchersMax)
      throw new Error(`more than ${busLimits.watchersMax} watch the bus`);
    const name = nameOf(whom);
    const watcher: Watcher = { hear, stopped: false };
    const others = this.#topics.get(name);
    if (others === undefined)
      this.#topics.set(name, { watchers: new Set([watcher]), unfollow: this.#follow(whom) });
    else others.watchers.add(watcher);
    this.#count += 1;
    return () => this.#stop(name, watcher);
  }

  wake(): void {
    for (const hear of this.#wakers) hear();
  }

  onWake(hear: () => void): () => void {
    this.#wakers.add(hear);
    return () => void this.#wakers.delete(hear);
  }

  #stop(name: string, watcher: Watcher): void {
    if (watcher.stopped) return;
    watcher.stopped = true;
    this.#count -= 1;
    const topic = this.#topics.get(name);
    topic?.watchers.delete(watcher);
    if (topic?.watchers.size !== 0) return;
    this.#topics.delete(name);
    topic.unfollow();
  }

  #tell({ news, to }: { news: News; to: readonly Watched[] }): void {
    const watchers = to.flatMap((whom) => [...(this.#topics.get(nameOf(whom))?.watchers ?? [])]);
    for (const watcher of watchers) if (!watcher.stopped) tellOne(watcher.hear, news, this.#log);
  }
}

/** Tells one watcher; what it breaks, also later, is logged. */
export function tellOne(hear: (news: News) => unknown, news: News, log: Log): void {
  const blame = (error: unknown): void => {
    log.error("a watcher of the bus failed", { callId: news.callId, kind: news.kind, error });
  };
  try {
    const answer = hear(news);
    if (answer instanceof Promise) answer.catch(blame);
  } catch (error) {
    blame(error);
  }
}

/** Who is to hear of it: those who watch the call, and those who watch its team. */
function topicsOf({ teamId, callId }: News): Watched[] {
  return callId === null ? [{ teamId }] : [{ teamId, callId }, { teamId }];
}

function nameOf({ teamId, callId }: Watched): string {
  return callId === undefined ? `team ${teamId}` : `call ${callId} ${teamId}`;
}
