import type { Client } from "@offhook/client";
import type { Problem } from "@offhook/protocol";
import { poll, systemNow } from "../clock.ts";
import { type Failure, failureOf } from "../failure.ts";
import { awayMaxMs, isPassing } from "./passing.ts";

/** How long a turn may take before we speak all the same: longer than the server lets a model take. */
const quietMaxMs = 200_000;
const lookEveryMs = 100;
const pageMax = 500;

/** Reads a call's journal to know when nobody is about to speak. */
export class Quiet {
  readonly #client: Client;
  readonly #callId: string;
  #after = 0;
  #status = "queued";
  #isTurnOpen = false;
  /** Since when its server does not answer. */
  #awaySince: number | undefined;

  constructor(client: Client, callId: string) {
    this.#client = client;
    this.#callId = callId;
  }

  /** Waits until the call is ongoing and no turn is open, or the call is over. */
  async until(signal: AbortSignal): Promise<"quiet" | "over" | Failure> {
    const found = await poll({ everyMs: lookEveryMs, limitMs: quietMaxMs, signal }, () => this.#look());
    return found ?? "quiet";
  }

  async #look(): Promise<"quiet" | "over" | Failure | undefined> {
    const problem = await this.#read();
    if (problem !== undefined) return this.#isAwayTooLong(problem) ? failureOf(problem) : undefined;
    this.#awaySince = undefined;
    if (this.#status === "finished") return "over";
    return this.#status === "ongoing" && !this.#isTurnOpen ? "quiet" : undefined;
  }

  /** A server that is away may be back in a moment. */
  #isAwayTooLong(problem: Problem): boolean {
    this.#awaySince ??= systemNow();
    return !isPassing(problem) || systemNow() - this.#awaySince > awayMaxMs;
  }

  async #read(): Promise<Problem | undefined> {
    for (;;) {
      const page = await this.#client.calls.events(this.#callId, { after: this.#after, limit: pageMax });
      if (!page.ok) return page.problem;
      for (const { data } of page.value.data) {
        if (data.type === "status-changed") this.#status = data.status;
        if (data.type === "turn-started") this.#isTurnOpen = true;
        if (data.type === "turn-ended") this.#isTurnOpen = false;
      }
      this.#after = page.value.next;
      if (!page.value.more) return undefined;
    }
  }
}
