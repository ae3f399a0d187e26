import {
  type Call,
  type CallId,
  type LiveUpdate,
  makeCallId,
  type Refusal,
  type TeamId,
} from "@offhook/protocol";
import type { Resolved } from "../assistants/resolve.ts";
import type { OpenChannel } from "../channel.ts";
import { sleep, within } from "../clock.ts";
import { limits } from "../conversation/limits.ts";
import { queued } from "../conversation/state.ts";
import { Admission, type Capacity, type NoPlace, type Place } from "./admission.ts";
import type { Calls, Connecting, Heard } from "./calls.ts";
import { madeOnce, uuidOfKey } from "./idempotency.ts";
import { CallJournal, type JournalParts } from "./journal.ts";
import { assistantRequestOf, destinationOf, firstHappenings } from "./new-call.ts";
import { finishLost, recover } from "./recover.ts";
import { refusalOf, writeRejected } from "./reject.ts";
import { watchReply } from "./reply.ts";
import { report, type ReportParts } from "./report.ts";
import { withMcpTools } from "./mcp-tools.ts";
import { type Caller, findWho, type Found, type WhoParts } from "./who-answers.ts";
import { runCall, type RunningCall, type RunParts } from "./run-call.ts";
import { setupOf } from "./setup.ts";

export type CallParts = JournalParts &
  ReportParts &
  RunParts &
  WhoParts & {
    capacity: Capacity;
    /** A chat's line; what a client is to see of it at once goes to `publish`. */
    chat: (publish: (update: LiveUpdate) => void) => OpenChannel;
  };

/** So many refused calls are written at the same time; beyond it a call is refused without one. */
const rejectionsMax = 64;

/** How long to wait before a report that could not be written is tried again. */
const reportRetryMs = 1_000;

/** Holds the calls of this server. */
export function openCalls(parts: CallParts): Calls {
  return new CallRoom(parts);
}

class CallRoom implements Calls {
  readonly #parts: CallParts;
  readonly #running = new Map<CallId, RunningCall>();
  readonly #ending = new Set<Promise<void>>();
  /** Once aborted, no call is taken any more. */
  readonly #closing = new AbortController();
  readonly #stopped = new AbortController();
  /** Once aborted, nothing is waited for any more. */
  readonly #over = new AbortController();
  readonly #admission: Admission;
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
    if (idempotencyKey === undefined) return this.#connect({ teamId, body }, this.#parts.random.uuid());
    const uuid = uuidOfKey(teamId, idempotencyKey);
    const callId = makeCallId(body.callType, uuid);
    const make = () => this.#connect({ teamId, body }, uuid);
    return madeOnce({ store: this.#parts.store, teamId, callId, make });
  }

  async #connect({ teamId, body }: Connecting, uuid: string): Promise<Call | Refusal> {
    if (!this.takesCalls) return stopping;
    const place = this.#admission.take(teamId);
    if (place.kind !== "taken") return this.#reject({ teamId, body }, place);
    try {
      const call = await this.#open({ teamId, body }, { place, uuid });
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

  async #open(
    { teamId, body }: Connecting,
    { place, uuid }: { place: Place; uuid: string },
  ): Promise<Call | Refusal> {
    const { clock, log } = this.#parts;
    const callId = makeCallId(body.callType, uuid);
    const found = await this.#findWho({ teamId, body, callId, now: clock.now() }, "may-ask");
    if ("refused" in found) return found;
    const listed = await withMcpTools(this.#parts.mcp, callId, found.who);
    const { who } = listed;
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
    this.#run(journal, who, place);
    return call;
  }

  #run(journal: CallJournal, who: Resolved, place: Place): void {
    const { bus, clock, log } = this.#parts;
    const { teamId, callId } = journal;
    const openChannel = this.#parts.chat((update) => bus.publish({ kind: "live", teamId, callId, update }));
    const setup = setupOf(who, openChannel);
    const state = queued({ id: callId, setup, connectBy: clock.now() + limits.connectMaxMs });
    const running = runCall(this.#parts, { journal, state, assistant: who.assistant, openChannel });
    this.#running.set(callId, running);
    log.info("call began", { callId, teamId, assistantId: who.assistantId });
    void running.finished.then(place.leave);
    void running.over.then(() => this.#forget(callId));
    this.#end(running.finished.then(() => this.#report(journal)));
  }

  #forget(callId: CallId): void {
    this.#running.delete(callId);
    this.#parts.mcp.leave(callId);
  }

  /** Remembers what is still to be done after a call, so that a stop can wait for it. */
  #end(work: Promise<void>): void {
    this.#ending.add(work);
    void work.finally(() => this.#ending.delete(work));
  }

  /** Reports a call, and finishes it before if its shell broke off; goes on until it is written or the server stops. */
  async #report(journal: CallJournal): Promise<void> {
    const { clock, log } = this.#parts;
    const { callId } = journal;
    for (;;) {
      try {
        await finishLost(journal, clock);
        const { afterwards } = await report(this.#parts, journal, this.#over.signal);
        void afterwards.catch((error: unknown) => log.error("a late analysis was lost", { callId, error }));
        const { endedReason, assistantCallDuration } = journal.reading.call;
        return log.info("call reported", { callId, endedReason, assistantCallDuration });
      } catch (error) {
        if (this.#over.signal.aborted) return;
        log.error("the report could not be written; it will be tried again", { callId, error });
        if (this.#stopped.signal.aborted) return;
        await sleep(clock, reportRetryMs, this.#stopped.signal);
      }
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
    if (refusal === undefined) return { after, reply: watched.reply };
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
    const running = this.#running.get(callId);
    return running?.teamId === teamId ? running.look() : undefined;
  }

  holds({ teamId, callId }: Parameters<Calls["holds"]>[0]): boolean {
    return this.#running.get(callId)?.teamId === teamId;
  }

  async #find(teamId: TeamId, callId: CallId): Promise<RunningCall | Refusal> {
    const running = this.#running.get(callId);
    if (running?.teamId === teamId) return running;
    const call = await this.#parts.store.findCall({ teamId, callId });
    if (call === undefined) return { refused: "not-found", detail: `There is no call ${callId}.` };
    return { refused: "call-finished", detail: "The call is finished: start another." };
  }

  async recover(): Promise<number> {
    const journals = await recover(this.#parts);
    for (const journal of journals) this.#end(this.#report(journal));
    return journals.length;
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
    const ended = [...this.#running.values()].map((running) =>
      running.tell({ type: "stopped" }).catch(() => undefined),
    );
    await within(this.#parts.clock, limitMs, this.#allEnded(ended));
    this.#over.abort();
  }

  async #allEnded(ended: Promise<unknown>[]): Promise<void> {
    await Promise.all(ended);
    await Promise.all(this.#ending);
  }
}

const stopping: Refusal = {
  refused: "stopping",
  detail: "The server is stopping and takes no new calls: try another, or later.",
};

function notYet(callType: string): Refusal {
  const detail = `This server does not speak on a ${callType} line yet: use callType chat.`;
  return { refused: "not-available-yet", detail, errors: [{ path: "/callType", message: detail }] };
}
