import type { AttemptOutcome, CallId, Entry } from "@offhook/protocol";
import { z } from "zod";
import { type Clock, sleep } from "../../clock.ts";
import { type Log, silentLog } from "../../log.ts";
import type { Random } from "../../random.ts";
import type { Destination, Store } from "../../store.ts";
import { openLocalStore } from "../../store/sqlite/sqlite-store.ts";
import {
  becomes,
  reported,
  sampleAttempt,
  sampleDestination,
  SampleJournal,
  type SampleOptions,
  spoken,
  untold,
} from "../../store/testing/samples.ts";
import { noTelemetry } from "../../telemetry.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { virtualClock } from "../../testing/virtual-clock.ts";
import { type Delivery, openDelivery } from "../delivery.ts";
import type { Post } from "../courier.ts";

/** An attempt as a receiver saw it. */
export type Posted = {
  /** ms since the beginning. */
  at: number;
  callId: CallId;
  sequence: number;
  type: string;
  attempt: number;
  id: string;
  body: string;
  url: string;
};

/** What a receiver makes of an attempt, and how long it takes. */
export type Reaction = { outcome: AttemptOutcome; retryAfterMs?: number; tookMs?: number };

export type Receiver = (posted: Posted) => Reaction;

export const takesAll: Receiver = () => ({ outcome: "accepted" });

/** Takes nothing in a span of time, given in ms since the beginning. */
export function downBetween(from: number, to: number): Receiver {
  return ({ at }) => ({ outcome: at >= from && at < to ? "unreachable" : "accepted" });
}

type Given = {
  receiver?: Receiver;
  store?: Store;
  random?: Random;
  log?: Log;
  /** After so many looks at the clock it is the beginning of all time: nothing is due then, and what goes round for ever comes to rest. */
  looksMax?: number;
};

/** A delivery on the virtual clock, with receivers that do as they are told. */
export function postOffice(given: Given = {}) {
  const clock = virtualClock();
  const { store = openLocalStore(), random = seededRandom() } = given;
  const faults: string[] = [];
  const log: Log = {
    ...silentLog,
    error: (message) => void (message === "event given up" || faults.push(message)),
    ...given.log,
  };
  const desk = new Desk(clock, given.receiver ?? takesAll);
  let looks = 0;
  const now = (): number => ((looks += 1) > (given.looksMax ?? Number.POSITIVE_INFINITY) ? 0 : clock.now());
  const parts = { store, post: desk.post, clock: { ...clock, now }, random, log, telemetry: noTelemetry };
  return {
    clock,
    /** Epoch ms. */
    begin: clock.now(),
    store,
    desk,
    posted: desk.posted,
    /** What was logged as an error, events that were given up aside. */
    faults,
    looks: () => looks,
    open: () => openDelivery(parts),
    /** Opens a delivery and lets it run; `stop` lets it end, `kill` lets it do no more. */
    start() {
      const held = severable(store);
      const delivery = openDelivery({ ...parts, store: held.store });
      const running = new AbortController();
      const ended = delivery.run(running.signal);
      let isEnded = false;
      void ended.then(() => (isEnded = true));
      const stop = (): Promise<void> => {
        running.abort();
        return clock.until(() => isEnded);
      };
      const kill = (): void => {
        held.sever();
        running.abort();
      };
      return { delivery, stop, kill, abort: () => running.abort(), isEnded: () => isEnded };
    },
    /** A call that hands over what it writes. */
    call: (number: number, options: SampleOptions = {}) =>
      new WritingCall(store, number, { now: () => clock.now(), ...options }),
  };
}

/** A store that after a kill is out of reach: nothing is answered any more. */
function severable(store: Store): { store: Store; sever: () => void } {
  let isSevered = false;
  const get = (target: Store, name: string | symbol) => {
    const method: unknown = Reflect.get(target, name);
    if (typeof method !== "function") return method;
    return (...given: unknown[]): unknown =>
      isSevered ? new Promise(() => {}) : Reflect.apply(method, target, given);
  };
  return { store: new Proxy(store, { get }), sever: () => void (isSevered = true) };
}

/** Where attempts arrive; counts how many are under way. */
class Desk {
  readonly posted: Posted[] = [];
  receiver: Receiver;
  readonly #clock: Clock;
  readonly #begin: number;
  readonly #underWay = new Map<string, number>();
  /** The most attempts that were under way at the same time: of one call, at one address, and in all. */
  readonly most = { ofOneCall: 0, atOneAddress: 0, inAll: 0 };

  constructor(clock: Clock, receiver: Receiver) {
    this.#clock = clock;
    this.#begin = clock.now();
    this.receiver = receiver;
  }

  readonly post: Post = async ({ lane, letter, attempt }) => {
    const { callId } = lane;
    const { id, sequence, tell: type, body } = letter;
    const begun = this.#clock.now();
    const { url } = lane.destination.fallback;
    const posted = { at: begun - this.#begin, callId, sequence, type, attempt, id, body, url };
    this.posted.push(posted);
    this.#count(callId, url, 1);
    const { outcome, retryAfterMs = null, tookMs = 10 } = this.receiver(posted);
    await sleep(this.#clock, tookMs);
    this.#count(callId, url, -1);
    return { attempt: { ...sampleAttempt(attempt, outcome, begun), elapsedMs: tookMs }, retryAfterMs };
  };

  #count(callId: CallId, url: string, change: 1 | -1): void {
    const { most } = this;
    most.ofOneCall = Math.max(most.ofOneCall, this.#add(callId, change));
    most.atOneAddress = Math.max(most.atOneAddress, this.#add(url, change));
    most.inAll = Math.max(most.inAll, this.#add("all", change));
  }

  #add(what: string, change: 1 | -1): number {
    const count = (this.#underWay.get(what) ?? 0) + change;
    this.#underWay.set(what, count);
    return count;
  }
}

/** A receiver at another address. */
export function destinationAt(host: string): Destination {
  return {
    ...sampleDestination,
    fallback: { ...sampleDestination.fallback, url: `https://${host}.example/hook` },
  };
}

/** A call as calls/ writes it: to the store, and then it hands over. */
class WritingCall {
  readonly journal: SampleJournal;
  readonly #store: Store;
  #isOpen = false;

  constructor(store: Store, number: number, options: SampleOptions) {
    this.#store = store;
    this.journal = new SampleJournal(number, options);
  }

  get callId(): CallId {
    return this.journal.callId;
  }

  /** Writes, and hands over to the delivery if one is given; else it has to find it in the store. */
  async writes(happenings: readonly Entry["what"][], delivery?: Delivery): Promise<void> {
    const { callId, teamId } = this.journal;
    const before = this.#isOpen ? this.journal.reading : undefined;
    const seq = before?.seq ?? 0;
    const { position, lane } = this.#isOpen
      ? await this.#store.append(this.journal.write(...happenings))
      : await this.#store.openJournal(this.journal.open(...happenings));
    this.#isOpen = true;
    const written = this.journal.entries.slice(seq);
    const entries = written.map((entry, index) => ({ ...entry, position: position + index, teamId, callId }));
    if (lane !== null) delivery?.handOver({ lane, before, entries });
  }
}

/** Attempts as a table: when, which event, which attempt, what came of it. */
export function tabulate(posted: readonly Posted[], receiver: Receiver): string {
  return posted
    .map((each) => {
      const { outcome } = receiver(each);
      const missed = missedIn(each);
      const told = `${each.sequence} ${each.type}${missed.length > 0 ? ` (missed ${missed.join(", ")})` : ""}`;
      return `${span(each.at).padStart(12)}  ${told.padEnd(36)} ${String(each.attempt).padStart(2)}  ${outcome}`;
    })
    .join("\n");
}

/** A whole call, in four writes. */
export const wholeCall = [
  [becomes("queued"), untold],
  [becomes("ongoing"), spoken("Hello, how can I help?", "assistant")],
  [spoken("A slot on Tuesday"), untold, spoken("Nine o'clock?", "assistant")],
  [becomes("finished"), reported],
] as const;

/** The sequences of the attempts, of one call or of all. */
export function sequencesOf(posted: readonly Posted[], callId?: string): number[] {
  return posted
    .filter((each) => callId === undefined || each.callId === callId)
    .map(({ sequence }) => sequence);
}

const announcement = z.object({ message: z.object({ missed: z.array(z.number()).default([]) }) });

/** What a message says was missed. */
export function missedIn({ body }: Posted): number[] {
  return announcement.parse(JSON.parse(body)).message.missed;
}

function span(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  const minutes = Math.floor(seconds / 60);
  const clock = `${String(minutes % 60).padStart(2, "0")}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  return `${Math.floor(minutes / 60)}:${clock} h`;
}
