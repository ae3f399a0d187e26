import type { AttemptOutcome, CallId, TeamId } from "@offhook/protocol";
import { type Health, healthAfter, shareOf, unknownHealth } from "./receiver-health.ts";
import { Rota } from "./rota.ts";

/** First attempts and late ones have slots of their own, so that what is dead takes none from what is well. */
export type Kind = "first" | "late";

/** A call that has something to send. A receiver is an origin (`https://example.org`). */
export type Waiting = { origin: string; teamId: TeamId; callId: CallId; kind: Kind };

export type TurnstileLimits = {
  /** Attempts under way at the same time: of each kind, of these of one team, and at one receiver. */
  slots: Record<Kind, number>;
  teamSlots: Record<Kind, number>;
  receiverMax: number;
  /** Calls that may wait for one receiver; the rest stay in the store. */
  waitingMax: Record<Health["name"], number>;
  /** Receivers without anything to do whose health is remembered. */
  rememberedMax: number;
};

/** What the end of an attempt means for its receiver. */
export type Left = {
  health: "silent" | "back" | "same";
  /** Calls that wait no longer: they are too many for a receiver that is silent. */
  letGo: readonly CallId[];
  /** Whether there is room again for calls that were turned away. */
  hasRoom: boolean;
};

/** Calls of one team for one receiver. */
type Line = { teamId: TeamId; receiver: Receiver; first: CallId[]; late: CallId[] };

type Receiver = {
  origin: string;
  health: Health;
  underWay: number;
  waiting: number;
  /** Calls were turned away, and are in the store. */
  hasMore: boolean;
  lines: Map<TeamId, Line>;
};

/**
 * Who goes next: teams take turns, and in a team its receivers. A receiver has
 * no more under way than its health allows, so that one that is slow or dead
 * holds up only its own calls; once it is silent, all for it counts as late.
 */
export class Turnstile {
  readonly #limits: TurnstileLimits;
  readonly #receivers = new Map<string, Receiver>();
  readonly #rotas: Record<Kind, Rota<Line>>;

  constructor(limits: TurnstileLimits) {
    this.#limits = limits;
    this.#rotas = {
      first: new Rota(limits.slots.first, limits.teamSlots.first),
      late: new Rota(limits.slots.late, limits.teamSlots.late),
    };
  }

  /** Receivers that do not answer now. */
  get silent(): number {
    return [...this.#receivers.values()].filter(({ health }) => health.name === "silent").length;
  }

  /** Lets a call wait; `turned-away` when too many wait for its receiver. */
  push({ origin, teamId, callId, kind }: Waiting): "waits" | "turned-away" {
    const receiver = this.#receiverAt(origin);
    if (receiver.waiting >= this.#limits.waitingMax[receiver.health.name]) {
      receiver.hasMore = true;
      return "turned-away";
    }
    lineOf(receiver, teamId)[receiver.health.name === "silent" ? "late" : kind].push(callId);
    receiver.waiting += 1;
    this.#enlist(receiver);
    return "waits";
  }

  /** Lets the next call through, first attempts before late ones; `undefined` when none waits that has room. */
  take(): Waiting | undefined {
    return this.#takeOf("first") ?? this.#takeOf("late");
  }

  /** An attempt has ended, or `undefined` if none was made. */
  leave({ origin, teamId, kind }: Waiting, outcome: AttemptOutcome | undefined): Left {
    const receiver = this.#receiverAt(origin);
    const before = receiver.health.name;
    receiver.underWay -= 1;
    this.#rotas[kind].leave(teamId);
    if (outcome !== undefined)
      receiver.health = healthAfter(receiver.health, outcome, this.#limits.receiverMax);
    const now = receiver.health.name;
    const letGo = now === "silent" && before !== "silent" ? this.#fallSilent(receiver) : [];
    this.#enlist(receiver);
    const hasRoom = receiver.hasMore && receiver.waiting <= this.#limits.waitingMax[now] / 2;
    if (hasRoom) receiver.hasMore = false;
    if (this.#receivers.size > this.#limits.rememberedMax) this.#forgetIdle();
    return { health: now === before ? "same" : now === "silent" ? "silent" : "back", letGo, hasRoom };
  }

  #takeOf(kind: Kind): Waiting | undefined {
    const line = this.#rotas[kind].next();
    if (line === undefined) return undefined;
    const { receiver, teamId } = line;
    const callId = line[kind].shift();
    if (callId === undefined) throw new Error("a line without calls was on the rota");
    receiver.underWay += 1;
    receiver.waiting -= 1;
    if (line[kind].length === 0) this.#rotas[kind].strike(line);
    if (receiver.underWay >= shareOf(receiver.health)) this.#strike(receiver);
    return { origin: receiver.origin, teamId, callId, kind };
  }

  /** Puts a receiver's lines on the rotas, if it has room. */
  #enlist(receiver: Receiver): void {
    if (receiver.underWay >= shareOf(receiver.health)) return this.#strike(receiver);
    for (const line of receiver.lines.values()) {
      if (line.first.length > 0) this.#rotas.first.enlist(line);
      if (line.late.length > 0) this.#rotas.late.enlist(line);
    }
  }

  #strike(receiver: Receiver): void {
    for (const line of receiver.lines.values()) {
      this.#rotas.first.strike(line);
      this.#rotas.late.strike(line);
    }
  }

  /** All that waits is late now, and only a few go on waiting here. */
  #fallSilent(receiver: Receiver): CallId[] {
    this.#strike(receiver);
    const letGo: CallId[] = [];
    const lineMax = Math.ceil(this.#limits.waitingMax.silent / Math.max(receiver.lines.size, 1));
    for (const line of receiver.lines.values()) {
      line.late.push(...line.first.splice(0));
      letGo.push(...line.late.splice(lineMax));
    }
    receiver.waiting -= letGo.length;
    if (letGo.length > 0) receiver.hasMore = true;
    return letGo;
  }

  #receiverAt(origin: string): Receiver {
    const known = this.#receivers.get(origin);
    if (known !== undefined) return known;
    const idle = { underWay: 0, waiting: 0, hasMore: false };
    const receiver: Receiver = { origin, health: unknownHealth, ...idle, lines: new Map() };
    this.#receivers.set(origin, receiver);
    return receiver;
  }

  /** Lets go of the longest known receivers that have nothing to do. */
  #forgetIdle(): void {
    for (const [origin, { underWay, waiting }] of this.#receivers) {
      if (underWay + waiting === 0) this.#receivers.delete(origin);
      if (this.#receivers.size <= this.#limits.rememberedMax) return;
    }
  }
}

function lineOf(receiver: Receiver, teamId: TeamId): Line {
  const known = receiver.lines.get(teamId);
  if (known !== undefined) return known;
  const line: Line = { teamId, receiver, first: [], late: [] };
  receiver.lines.set(teamId, line);
  return line;
}
