import type { Client } from "@offhook/client";
import { poll } from "../clock.ts";
import { type Failure, failureOf } from "../failure.ts";
import { overOutage } from "./outage.ts";

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
  #heard = 0;

  constructor(client: Client, callId: string) {
    this.#client = client;
    this.#callId = callId;
  }

  /** How many messages of the user there were when it was last looked. */
  get heard(): number {
    return this.#heard;
  }

  /** Waits until the call is ongoing and no turn is open, or the call is over. */
  async until(signal: AbortSignal): Promise<"quiet" | "over" | Failure> {
    const found = await poll({ everyMs: lookEveryMs, limitMs: quietMaxMs, signal }, () => this.#look(signal));
    return found ?? "quiet";
  }

  async #look(signal: AbortSignal): Promise<"quiet" | "over" | Failure | undefined> {
    const read = await this.#read(signal);
    if (read !== undefined) return read;
    if (this.#status === "finished") return "over";
    return this.#status === "ongoing" && !this.#isTurnOpen ? "quiet" : undefined;
  }

  async #read(signal: AbortSignal): Promise<Failure | undefined> {
    for (;;) {
      const where = { after: this.#after, limit: pageMax };
      const page = await overOutage(() => this.#client.calls.events(this.#callId, where), signal);
      if (!page.ok) return failureOf(page.problem);
      for (const { data } of page.value.data) {
        if (data.type === "status-changed") this.#status = data.status;
        if (data.type === "turn-started") this.#isTurnOpen = true;
        if (data.type === "turn-ended") this.#isTurnOpen = false;
        if (data.type === "message-added" && data.message.role === "user") this.#heard += 1;
      }
      this.#after = page.value.next;
      if (!page.value.more) return undefined;
    }
  }
}
