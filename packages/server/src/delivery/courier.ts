import type { Attempt, AttemptOutcome } from "@offhook/protocol";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Random } from "../random.ts";
import type { LaneRow, Store } from "../store.ts";
import type { Telemetry } from "../telemetry.ts";
import { decide, type LaneAct, type LaneEvent, type LaneStep } from "./lane.ts";
import { laneOf, settlementOf } from "./lane-store.ts";
import { type Letter, nextLetter, type Session } from "./session.ts";

/** Makes one attempt at a Server URL, which the signal breaks off; never throws. */
export type Post = (given: {
  lane: LaneRow;
  letter: Letter;
  attempt: number;
  signal: AbortSignal;
}) => Promise<{
  attempt: Attempt;
  retryAfterMs: number | null;
}>;

export type CourierParts = {
  store: Store;
  post: Post;
  clock: Clock;
  random: Random;
  log: Log;
  telemetry: Telemetry;
};

/** An attempt that has ended, and the moment when its outcome is on disk. */
export type Sent = { outcome: AttemptOutcome | undefined; settled: Promise<void> };

/** Sends the head of a lane, once, and has it written down what came of it; the outcome is `undefined` when nothing was sent. Fails only when the store does. */
export async function deliverHead(parts: CourierParts, session: Session, signal: AbortSignal): Promise<Sent> {
  const { store, clock } = parts;
  const letter = await nextLetter(store, session);
  if (letter === undefined) {
    const nothing = { lane: laneOf({ ...session.row, dueAt: null }), acts: [] };
    return unsent(settle(parts, session, { step: nothing, attempts: [] }));
  }
  const claimed = decide(laneOf(session.row), { type: "claimed", tell: letter.tell, now: clock.now() });
  const send = claimed.acts.find((act) => act.act === "send");
  if (send !== undefined) {
    return post(parts, session, { letter, claimed, attempt: send.attempt, signal });
  }
  const isChanged = claimed.acts.length > 0;
  return unsent(isChanged ? settle(parts, session, { step: claimed, attempts: [] }) : Promise.resolve());
}

function unsent(settled: Promise<void>): Sent {
  return { outcome: undefined, settled };
}

type Sending = { letter: Letter; claimed: LaneStep; attempt: number; signal: AbortSignal };

/** The lane was let go while its head was sent: what came of it is not ours to write. */
export class LetGo extends Error {}

async function post(
  parts: CourierParts,
  session: Session,
  { letter, claimed, attempt, signal }: Sending,
): Promise<Sent> {
  const number = letter.attemptsBefore + attempt;
  const sent = { lane: session.row, letter, attempt: number, signal };
  const { attempt: made, retryAfterMs } = await parts.post(sent);
  if (signal.aborted) throw new LetGo();
  const { outcome, detail } = made;
  const answered: LaneEvent = {
    type: "answered",
    outcome,
    detail,
    retryAfterMs,
    chance: parts.random.fraction(),
    now: parts.clock.now(),
  };
  note(parts.log, letter, { callId: session.row.callId, attempt: made });
  count(parts, letter, made);
  const attempts = [{ sequence: letter.sequence, attempt: made }];
  return { outcome, settled: settle(parts, session, { step: decide(claimed.lane, answered), attempts }) };
}

type Change = { step: LaneStep; attempts: { sequence: number; attempt: Attempt }[] };

async function settle(parts: CourierParts, session: Session, { step, attempts }: Change): Promise<void> {
  const now = parts.clock.now();
  const { lane, acts } = step;
  const row = await parts.store.settle(settlementOf({ before: session.row, lane, acts, attempts, now }));
  session.row = withNews(row, session.row, now);
  for (const act of acts) noteLoss(parts, row, act);
}

/** The store's answer, and what was handed over while it was on its way. */
function withNews(row: LaneRow, known: LaneRow, now: number): LaneRow {
  if (known.last <= row.last) return row;
  const { last, lastConversation } = known;
  return { ...row, last, lastConversation, dueAt: row.dueAt ?? now };
}

function note(log: Log, letter: Letter, made: { callId: string; attempt: Attempt }): void {
  const { outcome, elapsedMs, detail, attempt } = made.attempt;
  const fields = { callId: made.callId, sequence: letter.sequence, type: letter.tell, attempt, elapsedMs };
  if (outcome === "accepted") log.debug("event delivered", fields);
  else log.warn("event not delivered", { ...fields, outcome, detail });
}

/** The age of an event that is sent again says nothing about the delivery. */
function count(
  { telemetry, clock }: CourierParts,
  letter: Letter,
  { attempt, outcome, elapsedMs }: Attempt,
): void {
  const isNew = letter.attemptsBefore === 0 && outcome === "accepted";
  const ageMs = isNew ? Math.max(clock.now() - letter.at, 0) : null;
  telemetry.attempted({ outcome, kind: attempt > 1 ? "late" : "first", elapsedMs, ageMs });
}

function noteLoss({ log, telemetry }: CourierParts, { callId }: LaneRow, act: LaneAct): void {
  if (act.act !== "give-up") return;
  telemetry.gaveUp(act.state);
  if (act.state !== "dead") return;
  log.error("event given up", { callId, sequence: act.sequence, reason: act.reason });
}
