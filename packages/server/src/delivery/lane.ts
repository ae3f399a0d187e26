import type { AttemptOutcome, TellType } from "@offhook/protocol";
import { delayAfter, isSupersedable, retryDelaysMs } from "./patience.ts";

/**
 * The order of one call's events at its Server URL. One event at a time: the
 * next is not attempted before the one ahead is accepted, superseded or given
 * up. Pure; times are epoch ms, chance is handed in.
 */
export type Lane = LaneOf<"idle"> | LaneOf<"waiting"> | LaneOf<"sending">;

type Track = {
  /** The last sequence that was accepted or given up. */
  settled: number;
  last: number;
  lastConversation: number;
  /** Given up since the last accepted one: announced with the next event. */
  missed: readonly number[];
  /** To be sent again, once, before anything new. */
  again: readonly number[];
};

type More = {
  /** Nothing to send. */
  idle: unknown;
  /** `attempts` were made at the first new event; the next attempt at whatever is first is due then. */
  waiting: { attempts: number; dueAt: number };
  /** An event is on its way: new for the `attempts`-th time, or `again`. */
  sending: { attempts: number; sequence: number; kind: "new" | "again" };
};

type LaneName = keyof More;
export type LaneOf<Name extends LaneName> = { name: Name } & Track & More[Name];

export type LaneEvent =
  | { type: "written"; sequence: number; tell: TellType; now: number }
  | { type: "sent-again"; sequences: readonly number[]; now: number }
  | { type: "claimed"; tell: TellType; now: number }
  | {
      type: "answered";
      outcome: AttemptOutcome;
      detail: string;
      retryAfterMs: number | null;
      chance: number;
      now: number;
    };

export type LaneAct =
  | { act: "send"; sequence: number; attempt: number }
  | { act: "give-up"; sequence: number; state: "superseded" | "dead"; reason: string }
  /** What was sent again has been accepted. */
  | { act: "recovered"; sequence: number }
  /** What was sent again was not accepted: it is what it was before, for a new reason. */
  | { act: "not-recovered"; sequence: number; reason: string };

export type LaneStep = { lane: Lane; acts: readonly LaneAct[] };

type Cell<Name extends LaneName, Type extends LaneEvent["type"]> = (
  lane: LaneOf<Name>,
  event: Extract<LaneEvent, { type: Type }>,
) => LaneStep;
type Table = { [Name in LaneName]: { [Type in LaneEvent["type"]]: Cell<Name, Type> } };

/** The sequence that is sent next; `undefined` when there is none. */
export function headOf(lane: Track): number | undefined {
  const [again] = lane.again;
  if (again !== undefined) return again;
  return lane.settled < lane.last ? lane.settled + 1 : undefined;
}

const still = (lane: Lane): LaneStep => ({ lane, acts: [] });

const table: Table = {
  idle: {
    written: (lane, event) =>
      still({ ...written(lane, event), name: "waiting", attempts: 0, dueAt: event.now }),
    "sent-again": (lane, event) => still(rest(sentAgain(lane, event), { attempts: 0, dueAt: event.now })),
    claimed: still,
    answered: still,
  },
  waiting: {
    written: (lane, event) => still(written(lane, event)),
    "sent-again": (lane, event) => {
      const more = sentAgain(lane, event);
      return still(more.again.length > lane.again.length ? { ...more, dueAt: event.now } : lane);
    },
    claimed: claim,
    answered: still,
  },
  sending: {
    written: (lane, event) => still(written(lane, event)),
    "sent-again": (lane, event) => still(sentAgain(lane, event)),
    claimed: still,
    answered: (lane, event) => (event.outcome === "accepted" ? accept(lane, event.now) : refuse(lane, event)),
  },
};

/** Decides what a lane does about an event. */
export function decide(lane: Lane, event: LaneEvent): LaneStep {
  const cell = table[lane.name][event.type] as (lane: Lane, event: LaneEvent) => LaneStep;
  return cell(lane, event);
}

function written<Of extends Lane>(lane: Of, event: { sequence: number; tell: TellType }): Of {
  const lastConversation = event.tell === "conversation-update" ? event.sequence : lane.lastConversation;
  return { ...lane, last: event.sequence, lastConversation };
}

function sentAgain<Of extends Lane>(lane: Of, event: { sequences: readonly number[] }): Of {
  const known = event.sequences.filter((sequence) => sequence >= 1 && sequence <= lane.settled);
  return { ...lane, again: [...new Set([...lane.again, ...known])].toSorted((one, other) => one - other) };
}

function claim(lane: LaneOf<"waiting">, event: { tell: TellType; now: number }): LaneStep {
  const head = headOf(lane);
  if (head === undefined) return still(rest(lane, { attempts: 0, dueAt: event.now }));
  if (lane.dueAt > event.now) return still(lane);
  if (lane.again.length > 0) {
    const { attempts } = lane;
    return send(lane, { sequence: head, kind: "again", attempts, attempt: 1 });
  }
  if (lane.attempts > 0 && isSupersedable(event.tell) && lane.lastConversation > head) {
    const reason = `event ${lane.lastConversation} holds the whole history`;
    return giveUp(lane, { act: "give-up", sequence: head, state: "superseded", reason }, event.now);
  }
  const attempts = lane.attempts + 1;
  return send(lane, { sequence: head, kind: "new", attempts, attempt: attempts });
}

function send(
  lane: LaneOf<"waiting">,
  { attempt, ...sending }: More["sending"] & { attempt: number },
): LaneStep {
  const act: LaneAct = { act: "send", sequence: sending.sequence, attempt };
  return { lane: { ...trackOf(lane), ...sending, name: "sending" }, acts: [act] };
}

function accept(lane: LaneOf<"sending">, now: number): LaneStep {
  const { sequence, kind, attempts } = lane;
  if (kind === "new")
    return still(rest({ ...lane, settled: sequence, missed: [] }, { attempts: 0, dueAt: now }));
  const again = lane.again.filter((one) => one !== sequence);
  return { lane: rest({ ...lane, again }, { attempts, dueAt: now }), acts: [{ act: "recovered", sequence }] };
}

function refuse(lane: LaneOf<"sending">, event: Extract<LaneEvent, { type: "answered" }>): LaneStep {
  const { sequence, kind, attempts } = lane;
  const { now, outcome, detail } = event;
  if (kind === "again") {
    // Those behind it stay what they are too: sent now, they would come before it.
    const left = rest({ ...lane, again: [] }, { attempts, dueAt: now });
    return { lane: left, acts: [{ act: "not-recovered", sequence, reason: `sent again, and ${detail}` }] };
  }
  const delayMs = outcome === "gone" ? undefined : delayAfter(attempts, event.retryAfterMs, event.chance);
  if (delayMs !== undefined) {
    const dueAt = lane.again.length > 0 ? now : now + delayMs;
    return still({ ...trackOf(lane), name: "waiting", attempts, dueAt });
  }
  const reason =
    outcome === "gone" ? detail : `${retryDelaysMs.length + 1} attempts failed; the last: ${detail}`;
  return giveUp(lane, { act: "give-up", sequence, state: "dead", reason }, now);
}

/** Moves past a new event that was given up. */
function giveUp(lane: Lane, act: Extract<LaneAct, { act: "give-up" }>, now: number): LaneStep {
  const missed = [...lane.missed, act.sequence];
  return { lane: rest({ ...lane, settled: act.sequence, missed }, { attempts: 0, dueAt: now }), acts: [act] };
}

function trackOf({ settled, last, lastConversation, missed, again }: Track): Track {
  return { settled, last, lastConversation, missed, again };
}

/** Waits for the next event if there is one. */
function rest(track: Track, more: More["waiting"]): Lane {
  const left = trackOf(track);
  return headOf(left) === undefined ? { ...left, name: "idle" } : { ...left, ...more, name: "waiting" };
}
