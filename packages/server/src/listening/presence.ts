import type { Cancel, Clock } from "../clock.ts";
import type { ListenerQuestion, Peer, ToldListener } from "../peers.ts";
import { listeningLimits } from "./limits.ts";
import { isSought, type Sought } from "./listeners.ts";

type Word = Extract<ListenerQuestion, { ask: "listen" }>;

/** A server where somebody listens who is sought, and since when. */
export type Found = {
  peer: Peer;
  since: number;
  /** Aborted when nothing is heard of that server any more. */
  silent: AbortSignal;
};

type Heard = {
  peer: Peer;
  turn: number;
  listeners: readonly ToldListener[];
  silent: AbortController;
  forget: Cancel;
};

/** Who listens at other servers, as they said last. What is not said again in time is forgotten. */
export class Presence {
  readonly #clock: Clock;
  /** By node; whose word is the freshest comes last. */
  readonly #heard = new Map<string, Heard>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes the word of a server, unless a later one of it has come already. */
  hear({ from, turn, listeners }: Word): void {
    const before = this.#heard.get(from.nodeId);
    if (before !== undefined && turn < before.turn) return;
    before?.forget();
    const silent = before?.silent ?? new AbortController();
    const forget = this.#clock.after(listeningLimits.forgetAfterMs, () => this.#forget(from.nodeId));
    this.#heard.delete(from.nodeId);
    this.#heard.set(from.nodeId, { peer: from, turn, listeners, silent, forget });
  }

  /** Where the newest is who is sought; of a server that has become another node, as that. */
  newest(sought: Sought): Found | undefined {
    let found: Found | undefined;
    for (const { peer, listeners, silent } of this.#heard.values())
      for (const listener of listeners) {
        const { since } = listener;
        if (since >= (found?.since ?? -Infinity) && isSought(listener, sought))
          found = { peer, since, silent: silent.signal };
      }
    return found;
  }

  close(): void {
    for (const { forget } of this.#heard.values()) forget();
    this.#heard.clear();
  }

  #forget(nodeId: string): void {
    const heard = this.#heard.get(nodeId);
    this.#heard.delete(nodeId);
    heard?.silent.abort();
  }
}
