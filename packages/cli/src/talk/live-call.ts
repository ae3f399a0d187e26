import type { Client, ConnectInput, LiveSession } from "@offhook/client";
import type { CallWithMessages } from "@offhook/protocol";
import { sleep, systemNow, within } from "../clock.ts";
import { type Failure, failureOf } from "../failure.ts";
import { awayMaxMs, firstPauseMs, isPassing, lastPauseMs } from "./passing.ts";
import type { Transcript } from "./transcript.ts";

/** A call that we placed and watch. */
export type LiveCall = {
  id: string;
  /** Says something as the user; while the server is away it waits. */
  say(text: string): void;
  /** Hangs up; answers whether it could be told. */
  end(): boolean;
  /** Settles when the call is over, or its server does not come back. */
  over: Promise<void>;
};

/** Places a call and shows it on a transcript as it goes. */
export async function placeCall(
  client: Client,
  body: ConnectInput,
  transcript: Transcript,
): Promise<LiveCall | Failure> {
  const placed = await client.calls.connect(body);
  if (!placed.ok) return failureOf(placed.problem);
  const session = await client.calls.live(placed.value);
  if (!session.ok) return failureOf(session.problem);
  return new Watched(client, placed.value.id, { session: session.value, transcript });
}

/** How long a call that we hang up may take to say so. */
const goodbyeMaxMs = 10_000;

/** Hangs up, unless the call is over, and waits until all of it was shown. */
export async function hangUp(client: Client, call: LiveCall): Promise<void> {
  if (!call.end()) await client.calls.control(call.id, { type: "end" });
  await within(goodbyeMaxMs, call.over);
}

/** A call over as many connections as it takes: its server may be lost, and another goes on with it. */
class Watched implements LiveCall {
  readonly id: string;
  readonly over: Promise<void>;
  readonly #client: Client;
  readonly #transcript: Transcript;
  readonly #ended = new AbortController();
  #session: LiveSession;
  /** What was said and has not come back as a message: a server that was lost may not have heard it. */
  #unheard: string[] = [];

  constructor(client: Client, id: string, given: { session: LiveSession; transcript: Transcript }) {
    this.id = id;
    this.#client = client;
    this.#session = given.session;
    this.#transcript = given.transcript;
    this.over = this.#watch();
  }

  say(text: string): void {
    this.#unheard.push(text);
    this.#session.say(text);
  }

  end(): boolean {
    this.#ended.abort();
    return this.#session.end();
  }

  async #watch(): Promise<void> {
    while ((await this.#show()) === "lost") {
      if (this.#ended.signal.aborted) return;
      this.#transcript.lose();
      const session = await this.#connectAgain();
      if (session === undefined) return;
      this.#session = session;
      for (const text of this.#unheard) session.say(text);
    }
  }

  /** Shows what a connection tells, and answers how it ended. */
  async #show(): Promise<"over" | "lost"> {
    for await (const update of this.#session) {
      if (update.type === "error" && update.code === "connection-lost") return "lost";
      if (update.type === "message" && update.message.role === "user") this.#hear(update.message.text);
      this.#transcript.take(update);
    }
    return "over";
  }

  #hear(text: string): void {
    const at = this.#unheard.indexOf(text);
    if (at !== -1) this.#unheard.splice(at, 1);
  }

  /** Undefined when the call is finished, is not there any more, or its server stays away. */
  async #connectAgain(): Promise<LiveSession | undefined> {
    const until = systemNow() + awayMaxMs;
    const { signal } = this.#ended;
    for (let pauseMs = firstPauseMs; systemNow() < until && !signal.aborted; pauseMs *= 2) {
      await sleep(Math.min(pauseMs, lastPauseMs), signal);
      const call = await this.#client.calls.get(this.id);
      if (!call.ok && !isPassing(call.problem)) return undefined;
      if (!call.ok) continue;
      this.#catchUp(call.value);
      if (call.value.status === "finished") return undefined;
      const session = await this.#client.calls.live(call.value);
      if (session.ok) return session.value;
    }
    return undefined;
  }

  /** What was heard before the loss is known to be, and nothing is said twice. */
  #catchUp({ messages, status, endedReason }: CallWithMessages): void {
    for (const message of messages) {
      if (message.role === "user" && !this.#transcript.knows(message.messageId)) this.#hear(message.text);
      this.#transcript.take({ type: "message", message });
    }
    if (status === "finished") this.#transcript.take({ type: "status", status, endedReason });
  }
}
