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

/** What is to be shown, or the promise of it. */
type Shown = LiveUpdate[] | Promise<LiveUpdate[]>;

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

  /** Shows something, after all that is already to be shown: at once, if there is nothing to wait for. */
  #show(what: () => Shown): void {
    if (this.#updates >= liveLimits.updatesMax) return this.#cut();
    this.#updates += 1;
    const shown = this.#updates === 1 ? this.#tryNow(what) : this.#showAfter(this.#last, what);
    if (shown === undefined) this.#updates -= 1;
    else this.#last = shown.finally(() => (this.#updates -= 1));
  }

  #tryNow(what: () => Shown): Promise<void> | undefined {
    try {
      return this.#showNow(what)?.catch((error: unknown) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  async #showAfter(others: Promise<void>, what: () => Shown): Promise<void> {
    await others;
    await this.#tryNow(what);
  }

  #showNow(what: () => Shown): Promise<void> | undefined {
    const updates = this.#isOpen() ? what() : [];
    return updates instanceof Promise ? updates.then((all) => this.#sendAll(all)) : this.#sendAll(updates);
  }

  /** Answers when they are out, if that has to be waited for. */
  #sendAll(updates: readonly LiveUpdate[]): Promise<void> | undefined {
    for (const [index, update] of updates.entries()) {
      const drained = this.#send(update);
      if (drained !== undefined) return drained.then(() => this.#sendAll(updates.slice(index + 1)));
    }
    if (this.#call.isTorn) this.#socket.close(closeCodes.goingAway, "the call was taken up: connect again");
    return undefined;
  }

  /** Answers when the client has taken enough of what it was sent, if it has not. */
  #send(update: LiveUpdate): Promise<void> | undefined {
    if (!this.#isOpen()) return undefined;
    const sent = this.#outlet.send(update);
    // Only once what is shown now has its place before it.
    if (update.type === "status" && update.status === "finished") queueMicrotask(() => this.#finish());
    return this.#socket.bufferedAmount > liveLimits.bufferedBytesMax ? this.#drain(sent) : undefined;
  }

  async #drain(sent: Promise<void>): Promise<void> {
    if ((await within(this.#parts.clock, liveLimits.drainMaxMs, sent)) === timedOut) this.#cut();
  }

  /** The call is over: once the history, too, was shown, so is the session. */
  #finish(): void {
    this.#show(() => {
      this.#socket.close(closeCodes.done, "the call is finished");
      return [];
    });
  }

  #take(frame: { text: string; isBinary: boolean }): void {
    if (this.#commands >= liveLimits.commandsMax) {
      const detail = `Already ${liveLimits.commandsMax} commands wait: this one was not taken.`;
      return this.#show(() => [errorOf({ refused: "agenda-full", detail })]);
    }
    this.#commands += 1;
    this.#lastCommand = this.#lastCommand
      .then(() => obey(this.#parts, this.#whom, frame))
      .then((updates) => this.#show(() => updates))
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
