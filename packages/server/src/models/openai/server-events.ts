import { APIError } from "openai";
import { fieldOf } from "../loose-json.ts";
import { type Answer, partsOf } from "./parts.ts";
import { AnswerTooLong, answerBytesMax } from "./transport.ts";

/** What a server sends when its answer is whole; what follows is not read. */
const end = "[DONE]";

/** Reads the chunks of a streamed answer; an error that comes inside it is thrown as the openai client throws it. */
export async function* readServerEvents(answer: Answer): AsyncGenerator {
  const decoder = new TextDecoder();
  const lines = new EventLines();
  let bytes = 0;
  for await (const part of partsOf(answer)) {
    bytes += part.byteLength;
    if (bytes > answerBytesMax) throw new AnswerTooLong(`more than ${answerBytesMax} bytes`);
    for (const event of lines.take(decoder.decode(part, { stream: true }))) {
      if (event.data === end) return;
      yield chunkIn(event);
    }
  }
  for (const event of lines.last(decoder.decode())) {
    if (event.data === end) return;
    yield chunkIn(event);
  }
}

function chunkIn({ name, data }: ServerEvent): unknown {
  const chunk: unknown = JSON.parse(data);
  const error = fieldOf(chunk, "error");
  const isError =
    name === "error" || (error !== undefined && error !== null && error !== false && error !== "");
  if (isError) throw new APIError(undefined, errorBody(error ?? chunk), undefined, undefined);
  return chunk;
}

/** The client reads an error's fields from an object. */
function errorBody(error: unknown): object {
  return typeof error === "object" && error !== null ? error : { message: String(error) };
}

/** One server-sent event; `name` is `""` where it has none. */
export type ServerEvent = { name: string; data: string };

/** Puts server-sent events together from text as it comes (HTML Living Standard, 9.2.6), and forgives a last one without its blank line. */
export class EventLines {
  /** Of the line that has not ended yet. */
  #rest = "";
  /** The text before ended with a carriage return: a line feed now is of the same end. */
  #afterReturn = false;
  #name = "";
  #data: string[] = [];

  take(text: string): ServerEvent[] {
    const lines = this.#unixLines(text).split("\n");
    const last = lines.pop() ?? "";
    const events: ServerEvent[] = [];
    for (const line of lines) {
      const event = this.#line(this.#rest + line);
      this.#rest = "";
      if (event !== undefined) events.push(event);
    }
    this.#rest += last;
    return events;
  }

  /** What is left when nothing more comes. */
  last(text: string): ServerEvent[] {
    return this.take(`${text}\n\n`);
  }

  #unixLines(text: string): string {
    const isSplit = this.#afterReturn && text.startsWith("\n");
    if (text !== "") this.#afterReturn = text.endsWith("\r");
    const given = isSplit ? text.slice(1) : text;
    return given.includes("\r") ? given.replaceAll(/\r\n?/gu, "\n") : given;
  }

  #line(line: string): ServerEvent | undefined {
    if (line === "") return this.#event();
    const at = line.indexOf(":");
    const [field, value] = at === -1 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
    const told = value.startsWith(" ") ? value.slice(1) : value;
    if (field === "data") this.#data.push(told);
    if (field === "event") this.#name = told;
    return undefined;
  }

  #event(): ServerEvent | undefined {
    const event = { name: this.#name, data: this.#data.join("\n") };
    const isEmpty = this.#data.length === 0;
    this.#name = "";
    this.#data = [];
    return isEmpty ? undefined : event;
  }
}
