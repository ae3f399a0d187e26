import type { Duplex } from "node:stream";
import type { LiveUpdate } from "@offhook/protocol";
import type { WebSocket } from "ws";
import type { Bus } from "../bus.ts";
import { type Cancel, type Clock, timedOut, within } from "../clock.ts";
import type { Store } from "../store.ts";
import { type CommandParts, errorOf, obey } from "./commands.ts";
import { closeCodes, liveLimits } from "./limits.ts";
import { Outlet } from "./outlet.ts";
import { WatchedCall, type Whom } from "./watched-call.ts";

export type SessionParts = CommandParts & { store: Pick<Store, "entriesOfCall">; bus: Bus; clock: Clock };

/** A client's socket, and the connection under it. */
export type Client = { socket: WebSocket; line: Duplex };

/** One client at one call: shows it what happens, and does what it asks. Ends with its socket. */
export class Session {
  readonly #parts: SessionParts;
  readonly #whom: Whom;
  readonly #socket: WebSocket;
  readonly #outlet: Outlet;
  readonly #call: WatchedCall;
  readonly #unwatch: () => void;
  #last: Promise<void> = Promise.resolve();
  #updates = 0;
  #lastCommand: Promise<void> = Promise.resolve();
  #commands = 0;
  #isThere = true;
  #beat: Cancel | undefined;

  constructor(parts: SessionParts, whom: Whom, { socket, line }: Client) {
    this.#parts = parts;
    this.#whom = whom;
    this.#socket = socket;
    this.#outlet = new Outlet(socket, line, parts.clock);
    this.#call = new WatchedCall(parts.store, whom);
    this.#unwatch = parts.bus.watch(whom, (news) => this.#show(() => this.#call.hear(news)));
    socket.on("message", (data, isBinary) => {
      this.#take({ text: Buffer.isBuffer(data) ? data.toString("utf8") : "", isBinary });
    });
    socket.on("pong", () => (this.#isThere = true));
    socket.on("error", (error) => parts.log.debug("a live socket failed", { callId: whom.callId, error }));
    socket.on("close", () => this.#end());
    this.#show(() => this.#call.begin());
    this.#show(async () => [(await parts.calls.look(whom)) ?? []].flat());
    this.#ask();
  }

  /** Says goodbye: the server stops. */
  leave(): void {
    this.#socket.close(closeCodes.goingAway, "the server is stopping: connect again in a moment");
  }

  /** Shows something, after all that is already to be shown. */
  #show(what: () => Promise<LiveUpdate[]>): void {
    if (this.#updates >= liveLimits.updatesMax) return this.#cut();
    this.#updates += 1;
    this.#last = this.#showAfter(this.#last, what);
  }

  async #showAfter(others: Promise<void>, what: () => Promise<LiveUpdate[]>): Promise<void> {
    await others;
    try {
      if (this.#isOpen()) for (const update of await what()) await this.#send(update);
      if (this.#call.isTorn) this.#socket.close(closeCodes.goingAway, "the call was taken up: connect again");
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#updates -= 1;
    }
  }

  async #send(update: LiveUpdate): Promise<void> {
    if (!this.#isOpen()) return;
    const sent = this.#outlet.send(update);
    if (this.#socket.bufferedAmount > liveLimits.bufferedBytesMax) {
      const { clock } = this.#parts;
      if ((await within(clock, liveLimits.drainMaxMs, sent)) === timedOut) return this.#cut();
    }
    if (update.type === "status" && update.status === "finished") this.#finish();
  }

  /** The call is over: once the history, too, was shown, so is the session. */
  #finish(): void {
    this.#show(async () => {
      this.#socket.close(closeCodes.done, "the call is finished");
      return [];
    });
  }

  #take(frame: { text: string; isBinary: boolean }): void {
    if (this.#commands >= liveLimits.commandsMax) {
      const detail = `Already ${liveLimits.commandsMax} commands wait: this one was not taken.`;
      return this.#show(async () => [errorOf({ refused: "agenda-full", detail })]);
    }
    this.#commands += 1;
    this.#lastCommand = this.#lastCommand
      .then(() => obey(this.#parts, this.#whom, frame))
      .then((updates) => this.#show(async () => updates))
      .catch((error: unknown) => this.#fail(error))
      .finally(() => (this.#commands -= 1));
  }

  /** Asks now and then whether the client is there, and looks whether the bus kept something back. */
  #ask(): void {
    this.#beat = this.#parts.clock.after(liveLimits.pingEveryMs, () => {
      if (!this.#isThere) return this.#socket.terminate();
      this.#isThere = false;
      this.#socket.ping();
      this.#show(() => this.#call.catchUp());
      this.#ask();
    });
  }

  #cut(): void {
    if (!this.#isOpen()) return;
    this.#parts.log.warn("a live socket was cut: its client is too slow", { callId: this.#whom.callId });
    this.#socket.close(closeCodes.tryAgainLater, "too slow: connect again, nothing is lost");
    this.#end();
  }

  #fail(error: unknown): void {
    this.#parts.log.error("a live session failed inside the server", { callId: this.#whom.callId, error });
    this.#socket.close(closeCodes.fault, "the server failed: connect again");
    this.#end();
  }

  #end(): void {
    this.#unwatch();
    this.#outlet.close();
    this.#beat?.();
  }

  #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }
}
