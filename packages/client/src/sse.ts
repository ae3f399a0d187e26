/** One server-sent event: its type (`message` if not said), its data, and the id that a reader goes on from. */
export type ServerSentEvent = { type: string; data: string; id: string };

/** The most characters of one event; a stream that sends more is none of ours. */
export const eventCharactersMax = 8 * 1024 * 1024;

/**
 * Reads a stream of server-sent events piece by piece, however it is cut.
 * Source: WHATWG HTML, 9.2.6 (interpreting an event stream).
 */
export class EventReader {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #type = "";
  #data: string[] = [];
  #length = 0;
  #id = "";

  /** The events that this piece completes. Throws a RangeError when an event is too long. */
  read(piece: Uint8Array): ServerSentEvent[] {
    const text = this.#rest + this.#decoder.decode(piece, { stream: true });
    // A `\r` at the very end may be half of `\r\n`.
    const lines = text.split(/\r\n|\n|\r(?!$)/u);
    this.#rest = lines.pop() ?? "";
    const events = lines.flatMap((line) => this.#line(line));
    if (this.#length + this.#rest.length > eventCharactersMax)
      throw new RangeError(`a server-sent event has more than ${eventCharactersMax} characters`);
    return events;
  }

  #line(line: string): ServerSentEvent[] {
    if (line === "") return this.#dispatch();
    const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/su.exec(line) ?? [];
    if (field === "event") this.#type = value;
    if (field === "id" && !value.includes("\0")) this.#id = value;
    if (field === "data") {
      this.#data.push(value);
      this.#length += value.length + 1;
    }
    return [];
  }

  #dispatch(): ServerSentEvent[] {
    const event = {
      type: this.#type === "" ? "message" : this.#type,
      data: this.#data.join("\n"),
      id: this.#id,
    };
    const isEmpty = this.#data.length === 0;
    this.#type = "";
    this.#data = [];
    this.#length = 0;
    return isEmpty ? [] : [event];
  }
}
