import type { Duplex } from "node:stream";
import type { LiveUpdate } from "@offhook/protocol";
import type { WebSocket } from "ws";
import type { Cancel, Clock } from "../clock.ts";
import { liveLimits } from "./limits.ts";

type Delta = Extract<LiveUpdate, { type: "delta" }>;

/**
 * What goes out over a client's socket, in order. A frame costs both sides
 * more than what is in it, so a model's pieces that follow each other quickly
 * go together: the first at once, then those of each
 * {@link liveLimits.gatherMs}. Whatever else is to be shown takes the gathered
 * ones with it, and what is shown at the same instant is one write.
 */
export class Outlet {
  readonly #socket: WebSocket;
  readonly #line: Duplex;
  readonly #clock: Clock;
  #gathered: Delta | undefined;
  #window: Cancel | undefined;
  #isCorked = false;

  /** `line` is the connection under the socket. */
  constructor(socket: WebSocket, line: Duplex, clock: Clock) {
    this.#socket = socket;
    this.#line = line;
    this.#clock = clock;
  }

  /** Sends an update; settles when it is with the system, or waits with others of its kind. */
  send(update: LiveUpdate): Promise<void> {
    if (update.type === "delta" && this.#window !== undefined) {
      this.#gather(update);
      return Promise.resolve();
    }
    this.#sendGathered();
    if (update.type === "delta") this.#openWindow();
    return this.#write(update);
  }

  close(): void {
    this.#window?.();
    this.#window = undefined;
  }

  #gather(update: Delta): void {
    const before = this.#gathered;
    if (before !== undefined && before.messageId !== update.messageId) this.#sendGathered();
    const text = before?.messageId === update.messageId ? before.text + update.text : update.text;
    this.#gathered = { ...update, text };
  }

  #sendGathered(): void {
    const gathered = this.#gathered;
    this.#gathered = undefined;
    if (gathered !== undefined) void this.#write(gathered);
  }

  #openWindow(): void {
    this.#window = this.#clock.after(liveLimits.gatherMs, () => {
      this.#window = undefined;
      if (this.#gathered === undefined) return;
      this.#sendGathered();
      this.#openWindow();
    });
  }

  #write(update: LiveUpdate): Promise<void> {
    if (this.#socket.readyState !== this.#socket.OPEN) return Promise.resolve();
    this.#cork();
    return new Promise((resolve) => this.#socket.send(JSON.stringify(update), () => resolve()));
  }

  /** Holds what is written until all that is to be done now is done. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#line.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      this.#line.uncork();
    });
  }
}
