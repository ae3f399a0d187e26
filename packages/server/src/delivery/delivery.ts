import type { AttemptOutcome, CallId } from "@offhook/protocol";
import { within } from "../clock.ts";
import type { LaneRow } from "../store.ts";
import { type CourierParts, deliverHead, LetGo } from "./courier.ts";
import { deliveryLimits } from "./delivery-limits.ts";
import { LaneMarks } from "./lane-marks.ts";
import { Lookout } from "./lookout.ts";
import { type Handover, type Session, sessionFrom, sessionOf, takeOver } from "./session.ts";
import { Turnstile, type Waiting } from "./turnstile.ts";

export type Delivery = {
  /** Takes what a call has just written, so that it need not be read again. */
  handOver(handover: Handover): void;
  /** Waits until a call's events are out as far as they can be now, or so many ms have passed. */
  told(callId: CallId, limitMs: number): Promise<void>;
  /** Looks for what is due now. */
  wake(): void;
  /** Delivers until the signal; then lets attempts under way end, within their own limits. */
  run(signal: AbortSignal): Promise<void>;
  /** Waits until nothing is due, or so many ms have passed; answers whether nothing is. */
  drained(limitMs: number): Promise<boolean>;
  /** Lets go of every lane at once: attempts under way are broken off, and nothing is written of them. Nothing is taken until {@link goOn}. */
  letGo(): void;
  goOn(): void;
  /** Attempts under way. */
  readonly underWay: number;
};

/** Sends the events of every call to its Server URL, in order in a call, side by side between calls. */
export function openDelivery(parts: CourierParts): Delivery {
  return new Worker(parts);
}

class Worker implements Delivery {
  readonly #parts: CourierParts;
  readonly #lookout: Lookout;
  readonly #sessions = new Map<CallId, Session>();
  readonly #marks = new LaneMarks(deliveryLimits.marksMax);
  readonly #ready = new Turnstile(deliveryLimits);
  #underWay = 0;
  #signal: AbortSignal | undefined;
  #idle: (() => void)[] = [];
  /** Breaks off the attempts under way; aborted as long as nothing is taken. */
  #hold = new AbortController();
  readonly #toTell = new Map<CallId, (() => void)[]>();

  constructor(parts: CourierParts) {
    this.#parts = parts;
    this.#lookout = new Lookout(parts, (row) => this.#take(row));
  }

  get underWay(): number {
    return this.#underWay;
  }

  handOver(handover: Handover): void {
    if (this.#hold.signal.aborted) return;
    const { lane } = handover;
    const known = this.#sessions.get(lane.callId);
    if (known !== undefined) return takeOver(known, handover);
    if (this.#marks.isOlder(lane)) return void this.#readAnew(lane.callId);
    if (lane.dueAt === null || lane.dueAt > this.#parts.clock.now()) return;
    if (this.#sessions.size >= deliveryLimits.sessionsMax) this.#lookout.lookSoon();
    else this.#open(sessionFrom(handover));
  }

  told(callId: CallId, limitMs: number): Promise<void> {
    if (!this.#sessions.has(callId)) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.after(limitMs, resolve);
      const waiting = this.#toTell.get(callId) ?? [];
      waiting.push(() => {
        cancel();
        resolve();
      });
      this.#toTell.set(callId, waiting);
    });
  }

  letGo(): void {
    this.#hold.abort();
    for (const callId of this.#sessions.keys()) this.#letGo(callId);
  }

  goOn(): void {
    if (!this.#hold.signal.aborted) return;
    this.#hold = new AbortController();
    this.wake();
  }

  wake(): void {
    void this.#lookout.lookAtAll();
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    this.#start();
    this.#lookout.begin(signal);
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    if (this.#underWay > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async drained(limitMs: number): Promise<boolean> {
    const { clock } = this.#parts;
    const endsAt = clock.now() + limitMs;
    await within(clock, limitMs, this.#lookout.lookAtAll());
    if (this.#sessions.size === 0) return true;
    return new Promise((resolve) => {
      const cancel = clock.after(Math.max(endsAt - clock.now(), 0), () => resolve(false));
      this.#idle.push(() => {
        cancel();
        resolve(true);
      });
    });
  }

  #take(row: LaneRow): "taken" | "full" {
    if (this.#hold.signal.aborted || this.#sessions.size >= deliveryLimits.sessionsMax) return "full";
    if (!this.#sessions.has(row.callId) && !this.#marks.isOlder(row)) this.#open(sessionOf(row));
    return "taken";
  }

  /** What was handed over has been overtaken: asks the store how the lane stands. */
  async #readAnew(callId: CallId): Promise<void> {
    try {
      const row = await this.#parts.store.findLane(callId);
      if (row?.dueAt != null && row.dueAt <= this.#parts.clock.now()) this.#take(row);
    } catch (error) {
      this.#parts.log.error("the store could not say how a lane stands; it is looked for", { callId, error });
      this.#lookout.lookSoon();
    }
  }

  /** Lets a lane wait for its turn; one that is turned away stays in the store until there is room. */
  #open(session: Session): void {
    if (this.#ready.push(turnOf(session.row)) === "turned-away") return;
    this.#sessions.set(session.row.callId, session);
    this.#start();
  }

  #start(): void {
    while (this.#signal?.aborted === false) {
      const next = this.#ready.take();
      if (next === undefined) return;
      this.#underWay += 1;
      void this.#work(next).finally(() => this.#ended());
    }
  }

  async #work(turn: Waiting): Promise<void> {
    const session = this.#sessions.get(turn.callId);
    if (session === undefined) return this.#leave(turn, undefined);
    let phase: "sending" | "settling" = "sending";
    try {
      const { outcome, settled } = await deliverHead(this.#parts, session, this.#hold.signal);
      phase = "settling";
      // The receiver is free for the next call while the store writes.
      this.#leave(turn, outcome);
      await settled;
      this.#putBack(session);
    } catch (error) {
      if (error instanceof LetGo) return this.#leave(turn, undefined);
      const message = "delivery of a call failed inside the server; it will be tried again";
      this.#parts.log.error(message, { callId: turn.callId, error });
      if (phase === "sending") this.#leave(turn, undefined);
      this.#letGo(turn.callId);
      this.#lookout.lookSoon();
    }
  }

  /** Makes room for the next at this receiver. */
  #leave(turn: Waiting, outcome: AttemptOutcome | undefined): void {
    const { log } = this.#parts;
    const { origin } = turn;
    const { health, letGo, hasRoom } = this.#ready.leave(turn, outcome);
    for (const callId of letGo) this.#letGo(callId);
    if (health === "silent") log.warn("a receiver does not answer: one attempt at a time now", { origin });
    if (health === "back") log.info("a receiver answers again", { origin });
    if (hasRoom) this.#lookout.refill(health === "silent");
    this.#start();
  }

  #ended(): void {
    this.#underWay -= 1;
    if (this.#underWay > 0 || (this.#sessions.size > 0 && this.#signal?.aborted === false)) return;
    for (const tell of this.#idle.splice(0)) tell();
  }

  /** Goes on with a lane that has more to send; lets one go that has not. */
  #putBack(session: Session): void {
    const { callId, dueAt } = session.row;
    const isDue = dueAt !== null && dueAt <= this.#parts.clock.now();
    if (isDue && this.#ready.push(turnOf(session.row)) === "waits") return this.#start();
    this.#letGo(callId);
    if (dueAt !== null) this.#lookout.lookAt(dueAt);
  }

  /** Whatever the reason: what is read of the lane later may be older than what is known of it here. */
  #letGo(callId: CallId): void {
    const session = this.#sessions.get(callId);
    if (session !== undefined) {
      this.#marks.note(session.row);
      this.#lookout.left(callId);
    }
    this.#sessions.delete(callId);
    for (const tell of this.#toTell.get(callId) ?? []) tell();
    this.#toTell.delete(callId);
  }
}

/** The receiver whose share of the attempts a lane takes; late when the head was tried before, or is sent again. */
function turnOf({ destination, teamId, callId, attempts, again }: LaneRow): Waiting {
  const kind = attempts > 0 || again.length > 0 ? "late" : "first";
  return { origin: originOf(destination.fallback.url), teamId, callId, kind };
}

/** So many addresses have their origin kept ready; parsing one costs as much as a signature. */
const originsMax = 1_024;
const origins = new Map<string, string>();

function originOf(url: string): string {
  const known = origins.get(url);
  if (known !== undefined) return known;
  const origin = URL.parse(url)?.origin ?? "";
  if (origins.size >= originsMax) origins.clear();
  origins.set(url, origin);
  return origin;
}
