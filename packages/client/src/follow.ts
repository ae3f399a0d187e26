import { eventView, type EventView, listenedToolCall, type ListenedToolCall } from "@offhook/protocol";
import { type Answer, failed } from "./answer.ts";
import { deadline, type Deadline, sleep, systemNow } from "./clock.ts";
import type { Limits } from "./limits.ts";
import { type Connection, parsed, type Query, readProblem, reasonOf, send } from "./request.ts";
import { EventReader, type ServerSentEvent } from "./sse.ts";

export type FollowQuery = {
  /** The cursor of the last event that is known; 0, for all that were ever written, if not said. */
  after?: number;
  signal?: AbortSignal;
};

/** What a stream is asked for besides, and who takes the tool calls that come in it. */
export type Aside = { query: Query; onToolCall: (call: ListenedToolCall) => void };

/** Follows a list of events, over as many connections as it takes. */
export async function* follow(
  connection: Connection,
  path: string,
  { after = 0, signal, aside }: FollowQuery & { aside?: Aside },
): AsyncGenerator<Answer<EventView>, void, undefined> {
  const { limits } = connection;
  let cursor = after;
  let failures = 0;
  for (;;) {
    if (signal?.aborted) return;
    const begunAt = systemNow();
    for await (const piece of oneStream(connection, { path, after: cursor, signal, aside })) {
      if (piece.kind === "event") {
        cursor = piece.event.cursor;
        failures = 0;
        yield { ok: true, value: piece.event };
      } else if (!signal?.aborted) {
        failures = systemNow() - begunAt >= limits.steadyMs ? 1 : failures + 1;
        if (piece.final || failures >= limits.failuresMax) return yield piece.answer;
      }
    }
    await sleep(pauseAfter(failures, limits), signal);
  }
}

function pauseAfter(failures: number, { reconnectFirstMs, reconnectLastMs }: Limits): number {
  return Math.min(reconnectFirstMs * 2 ** (failures - 1), reconnectLastMs);
}

type Stream = { path: string; after: number; signal: AbortSignal | undefined; aside: Aside | undefined };

/** An event, or, at last, why the stream is over; `final` when another would end alike. */
type Piece = { kind: "event"; event: EventView } | End;
type End = { kind: "end"; final: boolean; answer: Answer<never> };

async function* oneStream(connection: Connection, stream: Stream): AsyncGenerator<Piece, void, undefined> {
  const silence = deadline(connection.limits.silenceMaxMs);
  const signal =
    stream.signal === undefined ? silence.signal : AbortSignal.any([silence.signal, stream.signal]);
  try {
    const opened = await open(connection, stream, signal);
    if ("answer" in opened) return yield opened;
    for await (const event of eventsIn(opened.body, silence)) {
      if (event.type === "tool-call" && stream.aside !== undefined) {
        const call = listenedToolCall.safeParse(parsed(event.data));
        if (!call.success) return yield notUnderstood(call.error.issues[0]?.message);
        stream.aside.onToolCall(call.data);
        continue;
      }
      if (event.type !== "message") return yield lost(connection, `the server cut them with ${event.data}`);
      const read = eventView.safeParse(parsed(event.data));
      if (!read.success) return yield notUnderstood(read.error.issues[0]?.message);
      yield { kind: "event", event: read.data };
    }
    yield lost(connection, "the server ended the stream");
  } catch (error) {
    yield lost(connection, silence.signal.aborted ? "the server fell silent" : reasonOf(error));
  } finally {
    silence.callOff();
  }
}

type Opened = { body: ReadableStream<Uint8Array> };

async function open(
  connection: Connection,
  { path, after, aside }: Stream,
  signal: AbortSignal,
): Promise<End | Opened> {
  const response = await send(connection, {
    path,
    query: { after, ...aside?.query },
    accept: "text/event-stream",
    signal,
  });
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  if (response.ok && isStream && response.body !== null) return { body: response.body };
  const answer = readProblem(response.status, await response.text());
  // Too busy, or on its way down: it may be back.
  return { kind: "end", final: response.status < 500 && response.status !== 429, answer };
}

/** Silence counts only while we wait: a slow reader is no silent server. */
async function* eventsIn(
  body: ReadableStream<Uint8Array>,
  silence: Deadline,
): AsyncGenerator<ServerSentEvent> {
  const events = new EventReader();
  const reader = body.getReader();
  try {
    for (;;) {
      silence.restart();
      const piece = await reader.read();
      silence.callOff();
      if (piece.done) return;
      yield* events.read(piece.value);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function lost(connection: Connection, why: string): End {
  return {
    kind: "end",
    final: false,
    answer: failed("unreachable", `The events of ${connection.url} stopped: ${why}.`),
  };
}

function notUnderstood(why = "no reason"): End {
  return { kind: "end", final: true, answer: failed("not-understood", `An event does not fit: ${why}.`) };
}
