import {
  type Call,
  type CallId,
  type ConnectBody,
  type LiveUpdate,
  makeCallId,
  type Refusal,
  type TeamId,
} from "@offhook/protocol";
import type { Assistants } from "../assistants/assistants.ts";
import { type Resolved, resolve } from "../assistants/resolve.ts";
import type { OpenChannel } from "../channel.ts";
import { sleep, within } from "../clock.ts";
import { limits } from "../conversation/limits.ts";
import { queued } from "../conversation/state.ts";
import type { Calls, Connecting, Heard } from "./calls.ts";
import { madeOnce, uuidOfKey } from "./idempotency.ts";
import { CallJournal, type JournalParts } from "./journal.ts";
import { destinationOf, firstHappenings, setupOf } from "./new-call.ts";
import { finishLost, recover } from "./recover.ts";
import { watchReply } from "./reply.ts";
import { report, type ReportParts } from "./report.ts";
import { runCall, type RunningCall, type RunParts } from "./run-call.ts";

export type CallParts = JournalParts &
  ReportParts &
  RunParts & {
    assistants: Assistants;
    callsMax: number;
    /** A chat's line; what a client is to see of it at once goes to `publish`. */
    chat: (publish: (update: LiveUpdate) => void) => OpenChannel;
  };

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
  readonly #stopped = new AbortController();
  #opening = 0;

  constructor(parts: CallParts) {
    this.#parts = parts;
  }

  get live(): number {
    return this.#running.size;
  }

  async connect({ teamId, body, idempotencyKey }: Connecting): Promise<Call | Refusal> {
    if (body.callType !== "chat") return notYet(body.callType);
    if (idempotencyKey === undefined) return this.#connect(teamId, body, this.#parts.random.uuid());
    const uuid = uuidOfKey(teamId, idempotencyKey);
    const callId = makeCallId(body.callType, uuid);
    const make = () => this.#connect(teamId, body, uuid);
    return madeOnce({ store: this.#parts.store, teamId, callId, make });
  }

  async #connect(teamId: TeamId, body: ConnectBody, uuid: string): Promise<Call | Refusal> {
    if (this.#stopped.signal.aborted) return stopping;
    if (this.#running.size + this.#opening >= this.#parts.callsMax) return full(this.#parts.callsMax);
    this.#opening += 1;
    try {
      return await this.#open(teamId, body, uuid);
    } finally {
      this.#opening -= 1;
    }
  }

  async #open(teamId: TeamId, body: ConnectBody, uuid: string): Promise<Call | Refusal> {
    const { assistants, clock, log } = this.#parts;
    const { assistantId, assistant, assistantOverrides: overrides } = body;
    const who = await resolve(assistants, { teamId, assistantId, assistant, overrides, now: clock.now() });
    if ("refused" in who) return who;
    const now = clock.now();
    const { callId, happenings } = firstHappenings({ teamId, body, who, uuid, now });
    if (who.missing.length > 0) log.warn("variables without a value", { callId, missing: who.missing });
    const journal = await CallJournal.begin(this.#parts, {
      teamId,
      callId,
      happenings,
      at: now,
      destination: destinationOf(who),
      assistant: who.assistant,
    });
    const { call } = journal.reading;
    this.#run(journal, who);
    return call;
  }

  #run(journal: CallJournal, who: Resolved): void {
    const { bus, clock, log } = this.#parts;
    const { teamId, callId } = journal;
    const state = queued({ id: callId, setup: setupOf(who), connectBy: clock.now() + limits.connectMaxMs });
    const openChannel = this.#parts.chat((update) => bus.publish({ kind: "live", teamId, callId, update }));
    const running = runCall(this.#parts, { journal, state, assistant: who.assistant, openChannel });
    this.#running.set(callId, running);
    log.info("call began", { callId, teamId, assistantId: who.assistantId });
    void running.over.then(() => this.#running.delete(callId));
    this.#end(running.finished.then(() => this.#report(journal)));
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
        await report(this.#parts, journal);
        const { endedReason, assistantCallDuration } = journal.reading.call;
        return log.info("call reported", { callId, endedReason, assistantCallDuration });
      } catch (error) {
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
    const watched = watchReply(this.#parts.bus, { teamId, callId }, text);
    const refusal = await running.hear(text);
    if (refusal === undefined) return { reply: watched.reply };
    watched.stop();
    return refusal;
  }

  async leave({ teamId, callId }: Parameters<Calls["leave"]>[0]): Promise<Refusal | undefined> {
    const running = await this.#find(teamId, callId);
    if ("refused" in running) return running;
    await running.tell({ type: "left" });
    return undefined;
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

  async stop(limitMs: number): Promise<void> {
    this.#stopped.abort();
    const ended = [...this.#running.values()].map((running) =>
      running.tell({ type: "stopped" }).catch(() => undefined),
    );
    await within(this.#parts.clock, limitMs, this.#allEnded(ended));
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

function full(callsMax: number): Refusal {
  return {
    refused: "over-capacity",
    detail: `The server holds ${callsMax} calls and takes no more: try later.`,
  };
}

function notYet(callType: string): Refusal {
  const detail = `This server does not speak on a ${callType} line yet: use callType chat.`;
  return { refused: "not-available-yet", detail, errors: [{ path: "/callType", message: detail }] };
}
