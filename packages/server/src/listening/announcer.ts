import { type Cancel, type Clock, timedOut, within } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Peers, ToldListener } from "../peers.ts";
import type { NodeNote, Store } from "../store.ts";
import { listeningLimits } from "./limits.ts";

export type AnnouncerParts = {
  peers: Peers;
  store: Pick<Store, "nodes">;
  clock: Clock;
  log: Log;
  /** Who listens here now, the newest first. */
  listeners: () => readonly ToldListener[];
};

/** Tells the other servers who listens here: when it changes, and again and again as long as somebody does. */
export class Announcer {
  readonly #parts: AnnouncerParts;
  /** `quiet`: nobody listens, and that was told. */
  #state: "quiet" | "telling" | "to-tell-again" | "waiting" | "closed" = "quiet";
  #nodeId = "";
  #turn = 0;
  #nodes: readonly NodeNote[] = [];
  #next: Cancel = () => undefined;
  #telling: Promise<void> = Promise.resolve();

  constructor(parts: AnnouncerParts) {
    this.#parts = parts;
  }

  /** From now on this server is that node. */
  standAs(nodeId: string): void {
    this.#nodeId = nodeId;
    if (this.#state !== "quiet") this.tell();
  }

  /** Tells it now, or as soon as those have heard it who are being told. */
  tell(): void {
    if (this.#state === "closed") return;
    if (this.#state === "telling" || this.#state === "to-tell-again") {
      this.#state = "to-tell-again";
      return;
    }
    this.#next();
    this.#state = "telling";
    this.#telling = this.#tell();
  }

  /** Tells nothing new; what is being told is told to its end. */
  async close(): Promise<void> {
    this.#next();
    this.#state = "closed";
    await this.#telling;
  }

  async #tell(): Promise<void> {
    const listeners = newest(this.#parts.listeners());
    await this.#tellAll(listeners);
    if (this.#state === "closed") return;
    const isOld = this.#state === "to-tell-again";
    this.#state = listeners.length > 0 ? "waiting" : "quiet";
    if (isOld) this.tell();
    else if (listeners.length > 0)
      this.#next = this.#parts.clock.after(listeningLimits.tellEveryMs, () => this.tell());
  }

  /** Who cannot be told now is told the next time. */
  async #tellAll(listeners: readonly ToldListener[]): Promise<void> {
    const { peers } = this.#parts;
    await this.#lookAround();
    const from = this.#nodes.find(({ nodeId }) => nodeId === this.#nodeId);
    if (from === undefined) return;
    const { nodeId, url } = from;
    const word = { ask: "listen", from: { nodeId, url }, turn: (this.#turn += 1), listeners } as const;
    const others = this.#nodes.filter((node) => node.nodeId !== nodeId && node.roles.includes("calls"));
    await Promise.all(others.map((peer) => peers.ask(peer, word)));
  }

  /** Where the store does not answer, those who were there a moment ago are told all the same: they may ask listeners here. */
  async #lookAround(): Promise<void> {
    const { store, clock, log } = this.#parts;
    try {
      const nodes = await within(clock, listeningLimits.tellEveryMs, store.nodes());
      if (nodes !== timedOut) this.#nodes = nodes;
    } catch (error) {
      log.warn("the store could not say which servers are to know who listens here", { error });
    }
  }
}

/** As many as may be told; nobody misses the others before there are hundreds. */
function newest(listeners: readonly ToldListener[]): readonly ToldListener[] {
  let bytesLeft: number = listeningLimits.toldBytesMax;
  return listeners.filter((listener) => (bytesLeft -= Buffer.byteLength(JSON.stringify(listener))) >= 0);
}
