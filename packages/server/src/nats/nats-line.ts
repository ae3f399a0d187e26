import {
  connect,
  errors,
  type Msg,
  type NatsConnection,
  type NodeConnectionOptions,
  type Subscription,
} from "@nats-io/transport-node";
import { type Clock, sleep } from "../clock.ts";
import type { Log } from "../log.ts";
import type { NatsAddress } from "./address.ts";
import { natsLimits } from "./limits.ts";

/** The one connection to NATS of this server, kept up for ever. What is said while it is down is not said. */
export type NatsLine = {
  readonly isUp: boolean;
  /** Bytes that one message may have. */
  readonly payloadBytesMax: number;
  /** Sends, unless the line is down or full; answers whether it did. Neither throws nor waits. */
  send(subject: string, payload: string): boolean;
  /** Hears what is sent to a subject, but for what this line sends; returns the way to stop. */
  hear(subject: string, take: Take): () => void;
  /** Asks whoever hears a subject. */
  ask(subject: string, payload: string, limitMs: number): Promise<Answered>;
  close(): Promise<void>;
};

/** `answer` sends a message back to who asked; nothing where nobody did. */
type Take = (payload: string, answer: (payload: string) => void) => void;

/** `nobody`: it has certainly been heard by nobody. `no-answer`: somebody may have heard it. */
export type Answered = { payload: string } | "nobody" | "no-answer";

export type NatsParts = { address: NatsAddress; clock: Clock; log: Log };

/** Begins to connect, and does not wait for it: a server starts whether NATS is there or not. */
export function openNatsLine(parts: NatsParts): NatsLine {
  return new Line(parts);
}

type Heard = { subject: string; take: Take; subscription: Subscription | undefined };

class Line implements NatsLine {
  readonly #parts: NatsParts;
  readonly #closing = new AbortController();
  readonly #heard = new Set<Heard>();
  readonly #kept: Promise<void>;
  #connection: NatsConnection | undefined;
  #state: "new" | "up" | "down" = "new";
  #unconfirmed = 0;
  #confirming = false;
  /** Give up what is asked: with the line, the answer is lost. */
  readonly #asking = new Set<() => void>();
  #pauseMs: number = natsLimits.pauseMinMs;

  constructor(parts: NatsParts) {
    this.#parts = parts;
    this.#kept = this.#keep();
  }

  get isUp(): boolean {
    return this.#state === "up";
  }

  get payloadBytesMax(): number {
    return Math.min(this.#connection?.info?.max_payload ?? Infinity, natsLimits.payloadBytesMax);
  }

  send(subject: string, payload: string): boolean {
    const bytes = Buffer.byteLength(payload);
    const connection = this.#usable(bytes);
    if (connection === undefined) return false;
    connection.publish(subject, payload);
    this.#unconfirmed += bytes;
    if (this.#unconfirmed >= natsLimits.confirmBytes) this.#confirm(connection);
    return true;
  }

  hear(subject: string, take: Take): () => void {
    const heard: Heard = { subject, take, subscription: undefined };
    this.#heard.add(heard);
    this.#subscribe(heard);
    return () => {
      if (this.#heard.delete(heard)) heard.subscription?.unsubscribe();
    };
  }

  async ask(subject: string, payload: string, limitMs: number): Promise<Answered> {
    const connection = this.#usable(Buffer.byteLength(payload));
    if (connection === undefined) return "nobody";
    const asking = Promise.withResolvers<Answered>();
    const giveUp = (): void => asking.resolve("no-answer");
    this.#asking.add(giveUp);
    void request(connection, { subject, payload, limitMs }).then(asking.resolve);
    return asking.promise.finally(() => this.#asking.delete(giveUp));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#connection?.close();
    await this.#kept;
  }

  /** The connection, if so many bytes may go over it now. */
  #usable(bytes: number): NatsConnection | undefined {
    const isFull = this.#unconfirmed + bytes > natsLimits.unconfirmedBytesMax;
    return this.isUp && !isFull && bytes <= this.payloadBytesMax ? this.#connection : undefined;
  }

  /** Has the server confirm what was sent, once at a time. */
  #confirm(connection: NatsConnection): void {
    if (this.#confirming) return;
    this.#confirming = true;
    const covered = this.#unconfirmed;
    const confirmed = async (): Promise<void> => {
      await connection.flush();
      this.#unconfirmed = Math.max(0, this.#unconfirmed - covered);
    };
    // A line that was lost counts from nothing when it is back.
    void confirmed()
      .catch(() => undefined)
      .finally(() => (this.#confirming = false));
  }

  async #keep(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const connection = await this.#connect();
      if (signal.aborted) return connection?.close();
      if (connection === undefined) await sleep(this.#parts.clock, this.#nextPause(), signal);
      else await this.#live(connection);
    }
  }

  /** How long to wait before the next attempt: longer each time, until one succeeds. */
  #nextPause(): number {
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(pauseMs * 2, natsLimits.pauseMaxMs);
    return pauseMs;
  }

  async #connect(): Promise<NatsConnection | undefined> {
    try {
      const reconnectDelayHandler = (): number => this.#nextPause();
      return await connect({ ...optionsOf(this.#parts.address), reconnectDelayHandler });
    } catch (error) {
      this.#lost(error);
      return undefined;
    }
  }

  /** Until the connection is given up, which it only is when we close it, or for a fault that the library takes for final. */
  async #live(connection: NatsConnection): Promise<void> {
    this.#connection = connection;
    for (const heard of this.#heard) this.#subscribe(heard);
    this.#found();
    const closed = connection.closed();
    for await (const { type } of connection.status()) {
      if (type === "disconnect") this.#lost(undefined);
      // The library would first wait until everything is sent, which nobody takes.
      if (type === "staleConnection") void connection.close();
      if (type === "reconnect") this.#found();
    }
    this.#lost(await closed);
    this.#connection = undefined;
  }

  #subscribe(heard: Heard): void {
    heard.subscription = this.#connection?.subscribe(heard.subject, {
      callback: (error, message) => {
        if (error === null) heard.take(message.string(), (payload) => respond(message, payload));
      },
    });
  }

  #found(): void {
    const { log, address } = this.#parts;
    const before = this.#state;
    this.#state = "up";
    this.#unconfirmed = 0;
    this.#pauseMs = natsLimits.pauseMinMs;
    if (before === "down") log.warn("NATS is there again", { servers: address.servers });
    else if (before === "new") log.info("NATS is connected", { servers: address.servers });
  }

  #lost(error: unknown): void {
    const { log, address } = this.#parts;
    const before = this.#state;
    this.#state = "down";
    for (const giveUp of this.#asking) giveUp();
    if (before === "down" || this.#closing.signal.aborted) return;
    const why = error instanceof Error ? error.message : undefined;
    log.error("NATS is away: news from other servers come late until it is there again", {
      servers: address.servers,
      why,
    });
  }
}

function optionsOf({ servers, isTls, user, password, token }: NatsAddress): NodeConnectionOptions {
  return {
    servers: [...servers],
    ...(isTls ? { tls: {} } : {}),
    ...(user === undefined || password === undefined ? {} : { user, pass: password }),
    ...(token === undefined ? {} : { token }),
    name: "offhook",
    noEcho: true,
    noAsyncTraces: true,
    timeout: natsLimits.connectMaxMs,
    maxReconnectAttempts: -1,
    // A password that is wrong for now, as while it is being changed, is no reason to give up.
    ignoreAuthErrorAbort: true,
    pingInterval: natsLimits.pingEveryMs,
    maxPingOut: natsLimits.pingsMissedMax,
  };
}

type Question = { subject: string; payload: string; limitMs: number };

async function request(
  connection: NatsConnection,
  { subject, payload, limitMs }: Question,
): Promise<Answered> {
  try {
    const answer = await connection.request(subject, payload, { timeout: limitMs });
    return { payload: answer.string() };
  } catch (error) {
    return isNobody(error) ? "nobody" : "no-answer";
  }
}

/** An answer that is too late, or too large, is none. */
function respond(message: Msg, payload: string): void {
  try {
    message.respond(payload);
  } catch {
    // Who asked waits for its time, and knows what to do without an answer.
  }
}

function isNobody(error: unknown): boolean {
  if (error instanceof errors.NoRespondersError) return true;
  return error instanceof errors.RequestError && error.isNoResponders();
}
