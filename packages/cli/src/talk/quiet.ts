import type { Client } from "@offhook/client";
import { poll } from "../clock.ts";
import { type Failure, failureOf } from "../failure.ts";

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
    const read = await this.#read();
    if (read !== undefined) return read;
    if (this.#status === "finished") return "over";
    return this.#status === "ongoing" && !this.#isTurnOpen ? "quiet" : undefined;
  }

  async #read(): Promise<Failure | undefined> {
    for (;;) {
      const page = await this.#client.calls.events(this.#callId, { after: this.#after, limit: pageMax });
      if (!page.ok) return failureOf(page.problem);
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
