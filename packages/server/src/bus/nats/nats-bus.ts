import type { Bus, News, Watched } from "../../bus.ts";
import type { Cancel, Clock } from "../../clock.ts";
import type { Log } from "../../log.ts";
import type { NatsLine } from "../../nats/nats-line.ts";
import { tokenOf } from "../../nats/subject.ts";
import { Watchers } from "../watchers.ts";
import { readNews, writeNews } from "./wire.ts";

/** Wakes within this become one. */
const wakeEveryMs = 10;
/** So often at the most the log is told of news that could not be read or sent. */
const tellEveryMs = 60_000;

export type NatsBusParts = {
  line: NatsLine;
  /** What the subjects begin with: the same for all servers of a store, and for no others. */
  space: string;
  clock: Clock;
  log: Log;
};

/**
 * News among servers, over core NATS. A server hears only of what somebody
 * there watches. Those who watch here are told at once, whether NATS is there
 * or not; news that are lost on the way are told as nothing: watchers read the
 * store.
 */
export function openNatsBus(parts: NatsBusParts): Bus {
  return new NatsBus(parts);
}

class NatsBus implements Bus {
  readonly #parts: NatsBusParts;
  readonly #watchers: Watchers;
  #waking: "no" | "soon" | "again" = "no";
  readonly #unread: Count;

  constructor(parts: NatsBusParts) {
    this.#parts = parts;
    this.#watchers = new Watchers(parts.log, (whom) => this.#follow(whom));
    this.#unread = new Count(parts, "news of another server could not be read: it is another version");
    parts.line.hear(this.#subject("wake"), () => this.#watchers.wake());
  }

  publish(news: News): void {
    this.#watchers.tell(news);
    const { line } = this.#parts;
    if (!line.isUp) return;
    const text = writeNews(news, line.payloadBytesMax);
    if (text !== undefined) line.send(this.#subjectOf({ ...news, callId: news.callId ?? "" }), text);
  }

  watch(whom: Watched, hear: (news: News) => void): () => void {
    return this.#watchers.watch(whom, hear);
  }

  wake(): void {
    this.#watchers.wake();
    if (this.#waking !== "no") this.#waking = "again";
    else this.#wakeOthers();
  }

  onWake(hear: () => void): () => void {
    return this.#watchers.onWake(hear);
  }

  #wakeOthers(): void {
    this.#waking = "soon";
    this.#parts.line.send(this.#subject("wake"), "");
    this.#parts.clock.after(wakeEveryMs, () => {
      const isWanted = this.#waking === "again";
      this.#waking = "no";
      if (isWanted) this.#wakeOthers();
    });
  }

  /** Hears a topic from other servers; its watchers alone are told, for each topic brings its own copy. */
  #follow(whom: Watched): () => void {
    return this.#parts.line.hear(this.#subjectOf(whom), (text) => {
      const news = readNews(text);
      if (news === undefined) return this.#unread.add();
      if (news.teamId === whom.teamId) this.#watchers.tell(news, [whom]);
    });
  }

  /** Of a whole team: of all its calls. */
  #subjectOf({ teamId, callId }: { teamId: string; callId?: string }): string {
    return this.#subject(`news.${tokenOf(teamId)}.${callId === undefined ? "*" : tokenOf(callId)}`);
  }

  #subject(rest: string): string {
    return `offhook.${this.#parts.space}.${rest}`;
  }
}

/** Counts what goes wrong, and logs it once in a while. */
class Count {
  readonly #parts: { clock: Clock; log: Log };
  readonly #message: string;
  #count = 0;
  #waits: Cancel | undefined;

  constructor(parts: { clock: Clock; log: Log }, message: string) {
    this.#parts = parts;
    this.#message = message;
  }

  add(): void {
    this.#count += 1;
    if (this.#waits !== undefined) return;
    this.#parts.log.warn(this.#message, { count: this.#count });
    this.#count = 0;
    this.#waits = this.#parts.clock.after(tellEveryMs, () => {
      this.#waits = undefined;
      if (this.#count > 0) this.#parts.log.warn(this.#message, { count: this.#count });
      this.#count = 0;
    });
  }
}
