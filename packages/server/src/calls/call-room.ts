import { type Call, type CallId, makeCallId, type Refusal, type TeamId } from "@offhook/protocol";
import type { Resolved } from "../assistants/resolve.ts";
import { sleep, within } from "../clock.ts";
import { limits } from "../conversation/limits.ts";
import { queued } from "../conversation/state.ts";
import { firstEpoch, type TakenCall } from "../store.ts";
import { Admission, type Capacity, type NoPlace, type Place } from "./admission.ts";
import type { Calls, Connecting, Heard, Recovered } from "./calls.ts";
import { madeOnce, uuidOfKey } from "./idempotency.ts";
import { CallJournal } from "./journal.ts";
import { assistantRequestOf, destinationOf, firstHappenings } from "./new-call.ts";
import { HeldCall, type HoldParts } from "./held-call.ts";
import { finishLost, isAnothers } from "./lost.ts";
import { refusalOf, writeRejected } from "./reject.ts";
import { watchReply } from "./reply.ts";
import { report, type ReportParts } from "./report.ts";
import { withMcpTools } from "./mcp-tools.ts";
import { type Caller, findWho, type Found, type WhoParts } from "./who-answers.ts";
import { leftOpen, type RunningCall } from "./run-call.ts";
import { takeUpCall, type TakenUp } from "./take-up.ts";
import { setupOf } from "./setup.ts";

export type CallParts = ReportParts & HoldParts & WhoParts & { capacity: Capacity };

/** So many refused calls are written at the same time; beyond it a call is refused without one. */
const rejectionsMax = 64;

const takenPageMax = 500;

/** How long to wait before a report that could not be written is tried again. */
const reportRetryMs = 1_000;

/** Holds the calls of this server. */
export function openCalls(parts: CallParts): Calls {
  return new CallRoom(parts);
}

/** What a call is opened with; dropped with `life`, it is not held here. */
type Opening = { place: Place; uuid: string; life: AbortSignal };

class CallRoom implements Calls {
  readonly #parts: CallParts;
  readonly #held = new Map<CallId, HeldCall>();
  /** Journals of finished calls that are not reported yet. */
  readonly #reporting = new Set<CallJournal>();
  readonly #ending = new Set<Promise<void>>();
  /** Once aborted, no call is taken any more. */
  readonly #closing = new AbortController();
  readonly #stopped = new AbortController();
  /** Once aborted, nothing is waited for any more. */
  readonly #over = new AbortController();
  readonly #admission: Admission;
  /** Aborted when all calls are dropped; what is begun after it is none of them. */
  #life = new AbortController();
  #rejecting = 0;

  constructor(parts: CallParts) {
    this.#parts = parts;
    this.#admission = new Admission(parts.capacity);
  }

  get live(): number {
    return this.#admission.live;
  }

  get takesCalls(): boolean {
    return !this.#closing.signal.aborted;
  }

  async connect({ teamId, body, idempotencyKey }: Connecting): Promise<Call | Refusal> {
    if (body.callType !== "chat") return notYet(body.callType);
    const life = this.#life.signal;
    if (idempotencyKey === undefined)
      return this.#connect({ teamId, body }, { uuid: this.#parts.random.uuid(), life });
    const uuid = uuidOfKey(teamId, idempotencyKey);
    const callId = makeCallId(body.callType, uuid);
    const make = () => this.#connect({ teamId, body }, { uuid, life });
    return madeOnce({ store: this.#parts.store, teamId, callId, make });
  }

  async #connect({ teamId, body }: Connecting, as: Omit<Opening, "place">): Promise<Call | Refusal> {
    if (!this.takesCalls) return stopping;
    const place = this.#admission.take(teamId);
    if (place.kind !== "taken") return this.#reject({ teamId, body }, place);
    try {
      const call = await this.#open({ teamId, body }, { ...as, place });
      if ("refused" in call) place.leave();
      return call;
    } catch (error) {
      place.leave();
      throw error;
    }
  }

  /** A refused call is a call too: it is written with its end and its report, as long as the refused are not too many. */
  async #reject({ teamId, body }: Connecting, why: NoPlace): Promise<Refusal> {
    const { capacity, clock, random, log } = this.#parts;
    const limit = why.kind === "team-full" ? capacity.teamCallsMax : capacity.callsMax;
    log.warn("a call was refused", { teamId, why: why.kind, limit });
    if (this.#rejecting >= rejectionsMax) return refusalOf(why, limit, undefined);
    this.#rejecting += 1;
    try {
      const callId = makeCallId(body.callType, random.uuid());
      const found = await this.#findWho({ teamId, body, callId, now: clock.now() }, "asks-nobody");
      // Nobody was asked who answers, so nobody can be told of it.
      if ("refused" in found) return found.refused === "invalid" ? refusalOf(why, limit, undefined) : found;
      await writeRejected(this.#parts, { teamId, body, callId, found, signal: this.#over.signal });
      return refusalOf(why, limit, callId);
    } finally {
      this.#rejecting -= 1;
    }
  }

  #findWho(
    call: Connecting & { callId: CallId; now: number },
    asks: Caller["asks"],
  ): Promise<Found | Refusal> {
    const messageOf: Caller["messageOf"] = (number) => assistantRequestOf(call, number);
    return findWho(this.#parts, { ...call, messageOf, asks });
  }

  async #open({ teamId, body }: Connecting, { place, uuid, life }: Opening): Promise<Call | Refusal> {
    const { clock, log } = this.#parts;
    const callId = makeCallId(body.callType, uuid);
    const found = await this.#findWho({ teamId, body, callId, now: clock.now() }, "may-ask");
    if ("refused" in found) return found;
    const listed = await withMcpTools(this.#parts.mcp, callId, found.who);
    const { who } = listed;
    // What was looked up was waited for longer than a lease lasts.
    if (life.aborted) return beginsAnew;
    const now = clock.now();
    const first = firstHappenings({ teamId, body, callId, found: { ...found, who }, now });
    const happenings = [...first, ...listed.happenings];
    if (who.missing.length > 0) log.warn("variables without a value", { callId, missing: who.missing });
    const begun = CallJournal.begin(this.#parts, {
      teamId,
      callId,
      happenings,
      at: now,
      destination: destinationOf(who),
      assistant: who.assistant,
    });
    begun.catch(() => this.#parts.mcp.leave(callId));
    const journal = await begun;
    const { call } = journal.reading;
    // It was dropped before it ran: it is on disk, and whoever takes it goes on with it.
    if (life.aborted) place.leave();
    else this.#run(journal, who, place);
    return call;
  }

  #run(journal: CallJournal, who: Resolved, place: Place): void {
    const { bus, clock, log } = this.#parts;
    const { teamId, callId } = journal;
    const openChannel = this.#parts.chat((update) => bus.publish({ kind: "live", teamId, callId, update }));
    const setup = setupOf(who, openChannel);
    const state = queued({ id: callId, setup, connectBy: clock.now() + limits.connectMaxMs });
    const call = { journal, state, effects: [], assistant: who.assistant, openChannel };
    log.info("call began", { callId, teamId, assistantId: who.assistantId });
    const taken = { teamId, callId, epoch: firstEpoch };
    this.#hold(taken, { first: { kind: "goes-on", call }, place });
  }

  /** Holds a call until it is finished and reported, or another server's. */
  #hold(taken: TakenCall, { first, place }: { first: TakenUp | undefined; place: Place }): void {
    const { callId } = taken;
    const signal = AbortSignal.any([this.#stopped.signal, this.#life.signal]);
    const held = new HeldCall(this.#parts, { taken, first, signal });
    this.#held.set(callId, held);
    const ended = held.end.then(async (end) => {
      place.leave();
      if (end.kind === "gone") return this.#forget(held);
      void end.over.then(() => this.#forget(held));
      return this.#report(end.journal);
    });
    this.#end(ended);
  }

  #forget(held: HeldCall): void {
    const { callId } = held;
    // It may have been taken again meanwhile.
    if (this.#held.get(callId) !== held) return;
    this.#held.delete(callId);
    this.#parts.mcp.leave(callId);
  }

  /** Remembers what is still to be done after a call, so that a stop can wait for it. */
  #end(work: Promise<void>): void {
    this.#ending.add(work);
    void work.finally(() => this.#ending.delete(work));
  }

  /** Reports a call; goes on until it is written, another server has the call, or this one stops. */
  async #report(journal: CallJournal): Promise<void> {
    this.#reporting.add(journal);
    try {
      while (await this.#isToReport(journal))
        await sleep(this.#parts.clock, reportRetryMs, this.#stopped.signal);
    } finally {
      this.#reporting.delete(journal);
    }
  }

  /** Tries to report; answers whether it is to be tried again. */
  async #isToReport(journal: CallJournal): Promise<boolean> {
    const { clock, log } = this.#parts;
    const { callId } = journal;
    if (journal.isClosed) return false;
    try {
      await finishLost(journal, clock);
      const { afterwards } = await report(this.#parts, journal, this.#over.signal);
      this.#end(
        afterwards.catch((error: unknown) => log.error("a late analysis was lost", { callId, error })),
      );
      const { endedReason, assistantCallDuration } = journal.reading.call;
      log.info("call reported", { callId, endedReason, assistantCallDuration });
      return false;
    } catch (error) {
      if (this.#over.signal.aborted || isAnothers(error)) return false;
      log.error("the report could not be written; it will be tried again", { callId, error });
      return !this.#stopped.signal.aborted;
    }
  }

  async control({ teamId, callId, control }: Parameters<Calls["control"]>[0]): Promise<Refusal | undefined> {
    const running = await this.#find(teamId, callId);
    return "refused" in running ? running : running.control(control);
  }

  async hear({ teamId, callId, text }: Parameters<Calls["hear"]>[0]): Promise<Heard | Refusal> {
    const running = await this.#find(teamId, callId);
    if ("refused" in running) return running;
    const after = running.written;
    const watched = watchReply(this.#parts.bus, { teamId, callId }, text);
    const refusal = await running.hear(text);
    if (refusal === undefined) {
      // What becomes of a call that was let go of is read in its journal.
      void running.finished.then((end) => end.kind === "left" && watched.stop());
      return { after, reply: watched.reply };
    }
    watched.stop();
    return refusal;
  }

  async leave({ teamId, callId }: Parameters<Calls["leave"]>[0]): Promise<Refusal | undefined> {
    const running = await this.#find(teamId, callId);
    if ("refused" in running) return running;
    await running.tell({ type: "left" });
    return undefined;
  }

  async look({ teamId, callId }: Parameters<Calls["look"]>[0]): ReturnType<Calls["look"]> {
    const held = this.#held.get(callId);
    return held?.teamId === teamId ? held.running?.look() : undefined;
  }

  holds({ teamId, callId }: Parameters<Calls["holds"]>[0]): boolean {
    return this.#held.get(callId)?.teamId === teamId;
  }

  knows(callId: CallId): boolean {
    return this.#held.has(callId) || [...this.#reporting].some((journal) => journal.callId === callId);
  }

  async #find(teamId: TeamId, callId: CallId): Promise<RunningCall | Refusal> {
    const held = this.#held.get(callId);
    if (held?.teamId === teamId) return held.running ?? leftOpen;
    const call = await this.#parts.store.findCall({ teamId, callId });
    if (call === undefined) return { refused: "not-found", detail: `There is no call ${callId}.` };
    if (call.status !== "finished") return leftOpen;
    return { refused: "call-finished", detail: "The call is finished: start another." };
  }

  async recover(): Promise<Recovered> {
    const recovered = { takenUp: 0, finished: 0 };
    try {
      for await (const taken of this.#untaken()) {
        const first = await takeUpCall(this.#parts, taken);
        if (first === undefined) continue;
        recovered[first.kind === "goes-on" ? "takenUp" : "finished"] += 1;
        this.#hold(taken, { first, place: this.#admission.occupy(taken.teamId) });
      }
    } catch (error) {
      this.drop();
      throw error;
    }
    return recovered;
  }

  async takeOver(): Promise<void> {
    for await (const taken of this.#untaken()) {
      this.#dropOne(taken.callId);
      this.#hold(taken, { first: undefined, place: this.#admission.occupy(taken.teamId) });
    }
  }

  /** What this server knows of a call that it has taken anew: under the epoch before, it can write nothing more. */
  #dropOne(callId: CallId): void {
    const held = this.#held.get(callId);
    held?.drop();
    if (held !== undefined) this.#forget(held);
    for (const journal of this.#reporting) if (journal.callId === callId) journal.close();
  }

  /** Takes, page by page, the calls that nobody holds. */
  async *#untaken(): AsyncGenerator<TakenCall> {
    let after = "";
    for (;;) {
      const page = await this.#parts.store.takeCalls({ after, limit: takenPageMax });
      yield* page;
      after = page.at(-1)?.callId ?? after;
      if (page.length < takenPageMax) return;
    }
  }

  async letGo(): Promise<CallId[]> {
    const letGo = [...this.#held.values()].map(async (held) => ((await held.letGo()) ? [held.callId] : []));
    return (await Promise.all(letGo)).flat();
  }

  drop(): void {
    this.#life.abort();
    this.#life = new AbortController();
    for (const held of this.#held.values()) {
      held.drop();
      this.#parts.mcp.leave(held.callId);
    }
    this.#held.clear();
    for (const journal of this.#reporting) journal.close();
    this.#reporting.clear();
  }

  async drain(limitMs: number, hurry?: AbortSignal): Promise<void> {
    this.#closing.abort();
    const { clock, log } = this.#parts;
    if (this.live === 0 || limitMs === 0) return;
    log.info("no more calls are taken; the live ones may go on", { live: this.live, limitMs });
    const enough = new AbortController();
    void this.#admission.empty().then(() => enough.abort());
    await sleep(
      clock,
      limitMs,
      hurry === undefined ? enough.signal : AbortSignal.any([enough.signal, hurry]),
    );
  }

  async stop(limitMs: number): Promise<void> {
    this.#closing.abort();
    this.#stopped.abort();
    const ended = [...this.#held.values()].map(async ({ running }) =>
      running?.tell({ type: "stopped" }).catch(() => undefined),
    );
    await within(this.#parts.clock, limitMs, this.#allEnded(ended));
    this.#over.abort();
  }

  async #allEnded(ended: Promise<unknown>[]): Promise<void> {
    await Promise.all(ended);
    // A report that is written may be followed by a late analysis.
    while (this.#ending.size > 0) await Promise.all(this.#ending);
  }
}

const stopping: Refusal = {
  refused: "stopping",
  detail: "The server is stopping and takes no new calls: try another, or later.",
};

const beginsAnew: Refusal = {
  refused: "stopping",
  detail: "The server has lost touch with its store and begins anew: try again in a moment.",
};

function notYet(callType: string): Refusal {
  const detail = `This server does not speak on a ${callType} line yet: use callType chat.`;
  return { refused: "not-available-yet", detail, errors: [{ path: "/callType", message: detail }] };
}
