import type { Answer, Client } from "@offhook/client";
import { sleep, systemClock } from "../../clock.ts";
import type { Random } from "../../random.ts";

/** What came of asking one server after another. */
export type Asked<Value> =
  | { kind: "done"; value: Value }
  /** A server said why not, and it is no use to ask another. */
  | { kind: "refused"; code: string; detail: string }
  /** The connection broke before an answer came, or the server itself does not know: it may have been done. */
  | { kind: "doubtful"; detail: string };

/** How requests went. */
export type Tally = {
  requests: number;
  /** Servers that said “not now”, or did not listen. */
  elsewhere: number;
  /** Requests that are made once, and of which it is not known whether they were done. */
  doubtful: string[];
  /** Refusals that no client deserved. */
  failed: string[];
  /** The longest that something took until it was done, over all servers that were asked. */
  longestMs: number;
};

export function noTally(): Tally {
  return { requests: 0, elsewhere: 0, doubtful: [], failed: [], longestMs: 0 };
}

/** How long a client goes on asking one server after another. */
const patienceMs = 45_000;
const pauseMs = 150;

/** A client that knows several servers. It asks one of them, and another when that one is gone or says “not now”. */
export class AnyNode {
  readonly #clients: readonly Client[];
  readonly #random: Random;
  readonly #tally: Tally;

  constructor(clients: readonly Client[], random: Random, tally: Tally) {
    this.#clients = clients;
    this.#random = random;
    this.#tally = tally;
  }

  /** For what may be done twice: it is asked again also when it is not known whether it was done. */
  async repeat<Value>(ask: (client: Client) => Promise<Answer<Value>>): Promise<Asked<Value>> {
    const endsAt = systemClock.now() + patienceMs;
    for (;;) {
      const asked = await this.#ask(ask);
      if (asked.kind !== "doubtful" || systemClock.now() > endsAt) return asked;
    }
  }

  /** For what is done once: it is asked again only when it was not done for sure. */
  async once<Value>(ask: (client: Client) => Promise<Answer<Value>>): Promise<Asked<Value>> {
    const asked = await this.#ask(ask);
    if (asked.kind === "doubtful") this.#tally.doubtful.push(asked.detail);
    return asked;
  }

  async #ask<Value>(ask: (client: Client) => Promise<Answer<Value>>): Promise<Asked<Value>> {
    const begunAt = systemClock.now();
    let next = Math.floor(this.#random.fraction() * this.#clients.length);
    for (;;) {
      const client = this.#clients[next % this.#clients.length];
      if (client === undefined) throw new Error("there is no server to ask");
      this.#tally.requests += 1;
      const answer = await ask(client);
      const tookMs = systemClock.now() - begunAt;
      if (answer.ok) {
        this.#tally.longestMs = Math.max(this.#tally.longestMs, tookMs);
        return { kind: "done", value: answer.value };
      }
      const { status, code, detail } = answer.problem;
      if (code === "outcome-unknown" || (status === 0 && !detail.includes("ECONNREFUSED")))
        return { kind: "doubtful", detail };
      const isElsewhere = status === 0 || status === 503 || status === 429;
      if (!isElsewhere || tookMs > patienceMs) return { kind: "refused", code, detail };
      this.#tally.elsewhere += 1;
      next += 1;
      await sleep(systemClock, pauseMs);
    }
  }
}
