import type { Client } from "@offhook/client";
import type { EventView, Listened, Problem } from "@offhook/protocol";
import { sleep, within } from "../clock.ts";
import { type Failure, failureOf } from "../failure.ts";
import type { CursorFile, Kept } from "./cursor-file.ts";
import { EventQueue } from "./event-queue.ts";
import { HeardCalls, type Told } from "./heard-calls.ts";
import { type Application, passEvent } from "./local-application.ts";
import { performToolCall } from "./tool-calls.ts";

export type ListenerParts = {
  /** It gives a stream up at the first failure: the listener connects again itself, and says so. */
  client: Client;
  listened: Listened;
  application: Application;
  file: CursorFile;
  note: (line: string) => void;
  /** For a server that ends with the listener. */
  farewell?: Farewell | undefined;
};

/** Once it has begun, the end of the stream is the end, and what was heard is passed on for no longer than so. */
export type Farewell = { begun: AbortSignal; passOnMaxMs: number };

/** Waits before the server is tried again, in ms; the last is kept. */
const reconnectDelaysMs = [500, 1_000, 2_000, 5_000, 10_000];

/** Events that are not for the application are written down only so often: they are passed over again. */
const passedOverMax = 200;

/**
 * Passes on what happens from a cursor, one event after another, until the
 * signal. The cursor is written down when the application has answered: an event
 * comes twice only when this process is killed between the two, and then under
 * the same webhook-id.
 */
export async function listen(
  parts: ListenerParts,
  kept: Kept,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal]);
  const queue = new EventQueue();
  const working = work(parts, { kept, queue, stop });
  const failure = await follow(parts, { after: kept.cursor, queue, stop });
  if (parts.farewell?.begun.aborted) await within(parts.farewell.passOnMaxMs, queue.idle(stop));
  ended.abort();
  await working;
  return failure;
}

type Following = { after: number; queue: EventQueue; stop: AbortSignal };

/** Reads what the server tells, over as many connections as it takes. */
async function follow(parts: ListenerParts, { after, queue, stop }: Following): Promise<Failure | undefined> {
  let cursor = after;
  let failures = 0;
  const onToolCall = (call: Parameters<typeof performToolCall>[1]): void => {
    failures = 0;
    void performToolCall({ ...parts, events: () => queue.idle(stop) }, call);
  };
  while (!stop.aborted) {
    const stream = parts.client.listening.follow({
      after: cursor,
      assistants: parts.listened,
      onToolCall,
      signal: stop,
    });
    for await (const event of stream) {
      if (!event.ok) {
        if (parts.farewell?.begun.aborted) return undefined;
        if (!isPassing(event.problem)) return failureOf(event.problem);
        const delayMs = reconnectDelaysMs[Math.min(failures, reconnectDelaysMs.length - 1)] ?? 0;
        failures += 1;
        parts.note(`${event.problem.detail} Again in ${delayMs / 1_000} s; nothing is lost.`);
        await sleep(delayMs, stop);
        break;
      }
      if (failures > 0) parts.note("Connected again.");
      failures = 0;
      ({ cursor } = event.value);
      await queue.push(event.value, stop);
    }
  }
  return undefined;
}

/** Whether a problem may be gone soon: no server, a busy one, or one on its way down. */
function isPassing({ status }: Problem): boolean {
  return status === 0 || status === 200 || status === 429 || status >= 500;
}

type Working = { kept: Kept; queue: EventQueue; stop: AbortSignal };

async function work(parts: ListenerParts, { kept, queue, stop }: Working): Promise<void> {
  const calls = new HeardCalls(parts.client, parts.listened);
  let passedOver = 0;
  for (let event = await queue.next(stop); event !== undefined; event = await queue.next(stop)) {
    const told = await toldOf(calls, { parts, event, stop });
    if (told === "stopped") return;
    const came = told && (await passOn(parts, told, stop));
    if (came === "stopped") return;
    if (told !== undefined) calls.settle(told, came === "accepted");
    passedOver = told === undefined ? passedOver + 1 : 0;
    if (told === undefined && passedOver % passedOverMax !== 0) continue;
    parts.file.write({ ...kept, cursor: event.cursor });
  }
}

type Telling = { parts: ListenerParts; event: EventView; stop: AbortSignal };

/** What an event is told as; a server that does not answer is waited for. */
async function toldOf(
  calls: HeardCalls,
  { parts, event, stop }: Telling,
): Promise<Told | undefined | "stopped"> {
  for (let failures = 0; ; failures += 1) {
    if (stop.aborted) return "stopped";
    const told = await calls.told(event);
    if (told === undefined || !("failure" in told)) return told;
    parts.note(told.failure);
    await sleep(reconnectDelaysMs[Math.min(failures, reconnectDelaysMs.length - 1)] ?? 0, stop);
  }
}

function passOn({ application }: ListenerParts, told: Told, stop: AbortSignal) {
  const { letter, callId, type, status } = told;
  const what = type === "status-update" ? `${type} ${status}` : type;
  return passEvent(application, { kind: "event", what, callId, letter }, stop);
}
