import type { Refusal } from "@offhook/protocol";
import type { Cancel, Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Attached } from "../listening/listeners.ts";
import type { StoredEntry } from "../store.ts";
import { eventView } from "./event-view.ts";
import { type Journal, tail } from "../calls/journal-tail.ts";

/** Limits of streams of server-sent events. */
export const streamLimits = {
  /** Streams at the same time. */
  streamsMax: 1_000,
  /** Entries in one piece: the most that is held for a slow reader. The rest stays in the store. */
  pieceMax: 100,
  /** A comment is sent after so long without an event. */
  heartbeatMs: 15_000,
  /** A reader that takes nothing for so long is cut. */
  stalledMs: 30_000,
  /** What a client is told to wait before it connects again. */
  reconnectMs: 1_000,
} as const;

export type StreamParts = { clock: Clock; log: Log; stopping: AbortSignal };

/** Opens streams, up to a limit. */
export class EventStreams {
  readonly #parts: StreamParts;
  #open = 0;

  constructor(parts: StreamParts) {
    this.#parts = parts;
  }

  /**
   * Server-sent events (WHATWG HTML, 9.2) of a journal. An event's `id` is its
   * cursor, its data an event of the API. The stream ends with `event: error`
   * when its reader is too slow or the store fails; `Last-Event-ID` goes on
   * from there. With a listener its tool calls are in the stream too, for as
   * long as it is open.
   */
  open(journal: Journal, after: number, attach?: () => Attached): ReadableStream<Uint8Array> | Refusal {
    if (this.#open >= streamLimits.streamsMax) {
      const detail = `Already ${streamLimits.streamsMax} streams are open: close one, or ask for pages with \`after\`.`;
      return { refused: "over-capacity", detail };
    }
    this.#open += 1;
    const listener = attach?.();
    const ended = (): void => {
      this.#open -= 1;
      listener?.leave();
    };
    const stream = { ...this.#parts, journal, after, ended, listener };
    return new ReadableStream(new Source(stream), { highWaterMark: 0 });
  }
}

type Stream = StreamParts & {
  journal: Journal;
  after: number;
  ended: () => void;
  listener: Attached | undefined;
};
type Controller = ReadableStreamDefaultController<Uint8Array>;

/** Gives a piece each time that the reader asks for one, and waits for it to ask. */
class Source implements UnderlyingDefaultSource<Uint8Array> {
  readonly #stream: Stream;
  readonly #end = new AbortController();
  readonly #pieces: AsyncGenerator<StoredEntry[]>;
  readonly #encoder = new TextEncoder();
  #cursor: number;
  #begun = false;
  #patience: Cancel | undefined;

  constructor(stream: Stream) {
    this.#stream = stream;
    this.#cursor = stream.after;
    const { journal, after, clock, listener: aside } = stream;
    const signals = [this.#end.signal, stream.stopping, ...(aside === undefined ? [] : [aside.gone])];
    const signal = AbortSignal.any(signals);
    const { pieceMax: limit, heartbeatMs: idleMs } = streamLimits;
    this.#pieces = tail({ journal, after, limit, idleMs, clock, signal, aside });
  }

  start(controller: Controller): void {
    this.#await(controller);
  }

  async pull(controller: Controller): Promise<void> {
    this.#patience?.();
    if (this.#begun) return this.#next(controller);
    this.#begun = true;
    this.#give(controller, `retry: ${streamLimits.reconnectMs}\n\n`);
  }

  cancel(): void {
    this.#finish();
  }

  async #next(controller: Controller): Promise<void> {
    try {
      const piece = await this.#pieces.next();
      if (this.#end.signal.aborted) return;
      if (piece.done !== true) return this.#give(controller, this.#write(piece.value));
      controller.close();
      this.#finish();
    } catch (error) {
      this.#stream.log.error("an event stream was cut: the store failed", { error });
      this.#cut(controller, "store-unavailable", "The store did not answer.");
    }
  }

  #write(entries: StoredEntry[]): string {
    const calls = this.#stream.listener?.take() ?? [];
    if (entries.length + calls.length === 0) return ": still here\n\n";
    const events = entries.map((entry) => {
      this.#cursor = this.#stream.journal.cursorOf(entry);
      return `id: ${this.#cursor}\ndata: ${JSON.stringify(eventView(entry, this.#cursor))}\n\n`;
    });
    const asked = calls.map((call) => `event: tool-call\ndata: ${JSON.stringify(call)}\n\n`);
    return [...events, ...asked].join("");
  }

  #give(controller: Controller, text: string): void {
    controller.enqueue(this.#encoder.encode(text));
    this.#await(controller);
  }

  #await(controller: Controller): void {
    this.#patience = this.#stream.clock.after(streamLimits.stalledMs, () => {
      this.#stream.log.warn("an event stream was cut: its reader took nothing", { cursor: this.#cursor });
      this.#cut(controller, "too-slow", `Nothing was read for ${streamLimits.stalledMs / 1_000} s.`);
    });
  }

  #cut(controller: Controller, code: string, why: string): void {
    const detail = `${why} Nothing is lost: connect again with \`Last-Event-ID: ${this.#cursor}\`.`;
    const data = JSON.stringify({ code, detail, cursor: this.#cursor });
    controller.enqueue(this.#encoder.encode(`event: error\ndata: ${data}\n\n`));
    controller.close();
    this.#finish();
  }

  #finish(): void {
    if (this.#end.signal.aborted) return;
    this.#patience?.();
    this.#end.abort();
    this.#stream.ended();
  }
}
