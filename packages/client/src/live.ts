import { type LiveCommand, liveUpdate, type LiveUpdate } from "@offhook/protocol";
import { type Answer, failed } from "./answer.ts";
import { deadline } from "./clock.ts";
import type { Limits } from "./limits.ts";
import { parsed } from "./request.ts";
import { openState, type SocketLike, type SocketMaker } from "./socket.ts";

/**
 * A call as it happens. The updates are: the status and all messages so far,
 * then what comes; a `delta` is a piece of a message whose whole follows as
 * `message`. They end when the call is finished or the session is closed. When
 * the connection is lost the last one is an `error` with the code
 * `connection-lost`; the call goes on without us.
 *
 * One loop reads them; leaving it closes the session, which hangs nobody up.
 *
 * @example
 * const session = await client.calls.live(call);
 * if (!session.ok) return console.error(session.problem.detail);
 * session.value.say("Hello?");
 * for await (const update of session.value) if (update.type === "delta") show(update.text);
 */
export type LiveSession = AsyncIterable<LiveUpdate> & {
  /** Says something as the user. Answers whether it was sent; an `error` update comes if it was refused. */
  say(text: string): boolean;
  /** Hangs up. Answers whether it was sent. */
  end(): boolean;
  /** Looks away: the call goes on. */
  close(): void;
};

/** A clean close, by RFC 6455, 7.4.1. */
const closedNormally = 1_000;

/** Opens a call's live session by its `liveUrl`. */
export async function openLive(
  liveUrl: string,
  { limits, WebSocket }: { limits: Limits; WebSocket: SocketMaker | undefined },
): Promise<Answer<LiveSession>> {
  // The token in it is for the call's participants, not for messages.
  const where = liveUrl.replace(/\?.*$/u, "");
  if (!/^wss?:$/u.test(URL.parse(liveUrl)?.protocol ?? ""))
    return failed("unreachable", `${where} is no address of a live call.`);
  if (WebSocket === undefined)
    return failed("unreachable", "There is no WebSocket here: on Node 20 give the client that of `ws`.");
  const socket = new WebSocket(liveUrl);
  const session = new Session(socket, limits.waitingMax);
  if (await opened(socket, limits.openMaxMs)) return { ok: true, value: session };
  socket.close();
  return failed("unreachable", `The live session at ${where} cannot be opened: is its call still live?`);
}

function opened(socket: SocketLike, openMaxMs: number): Promise<boolean> {
  const limit = deadline(openMaxMs);
  return new Promise<boolean>((resolve) => {
    limit.signal.addEventListener("abort", () => resolve(false));
    socket.addEventListener("open", () => resolve(true));
    socket.addEventListener("close", () => resolve(false));
  }).finally(limit.callOff);
}

class Session implements LiveSession {
  readonly #socket: SocketLike;
  readonly #waitingMax: number;
  readonly #waiting: LiveUpdate[] = [];
  readonly #updates: AsyncGenerator<LiveUpdate>;
  #isOver = false;
  #wake: () => void = () => undefined;

  constructor(socket: SocketLike, waitingMax: number) {
    this.#socket = socket;
    this.#waitingMax = waitingMax;
    this.#updates = this.#read();
    socket.addEventListener("message", ({ data }) => this.#take(data));
    socket.addEventListener("close", ({ code, reason }) =>
      this.#finish(
        code === closedNormally ? undefined : `The connection was lost (${code}${reason && `, ${reason}`}).`,
      ),
    );
  }

  [Symbol.asyncIterator](): AsyncIterator<LiveUpdate> {
    return this.#updates;
  }

  say(text: string): boolean {
    return this.#send({ type: "say", text });
  }

  end(): boolean {
    return this.#send({ type: "end" });
  }

  close(): void {
    this.#finish();
    this.#socket.close();
  }

  #send(command: LiveCommand): boolean {
    if (this.#socket.readyState !== openState) return false;
    this.#socket.send(JSON.stringify(command));
    return true;
  }

  #take(data: unknown): void {
    if (this.#isOver || typeof data !== "string") return;
    const update = liveUpdate.safeParse(parsed(data));
    // What a newer server may say beyond these is not for us.
    if (!update.success) return;
    this.#waiting.push(update.data);
    this.#wake();
    if (this.#waiting.length < this.#waitingMax) return;
    this.#finish(`${this.#waitingMax} updates waited to be read.`);
    this.#socket.close();
  }

  #finish(lost?: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (lost !== undefined) this.#waiting.push({ type: "error", code: "connection-lost", message: lost });
    this.#wake();
  }

  async *#read(): AsyncGenerator<LiveUpdate> {
    try {
      for (;;) {
        for (let update = this.#waiting.shift(); update !== undefined; update = this.#waiting.shift())
          yield update;
        if (this.#isOver) return;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.close();
    }
  }
}
