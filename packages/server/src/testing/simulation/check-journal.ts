import { ok as must } from "node:assert/strict";
import type { Entry, Happening, HappeningOf } from "@offhook/protocol";
import { limits } from "../../conversation/limits.ts";
import { modelCallIdOf } from "./model.ts";

/** What the simulated disk may take, so that a hang is written after its time. */
const hangSlackMs = 50;

const rungs = ["queued", "ongoing", "forwarded", "finished"];

/**
 * `plays`: whether what is said is heard at once, so that another server can go
 * on. `time`: only where it goes evenly can silences be told from the journal.
 */
export type Line = { plays: "at-once" | "in-time"; time: "is-even" | "jumps" };

/** Reads a journal as it grows, and throws at the first entry that SPEC.md does not allow. */
export class JournalCheck {
  readonly callId: string;
  /** What the user was told had been heard, with how often it must be found. */
  seq = 0;
  sequence = 0;
  reports = 0;
  endedReason: string | undefined;
  readonly told: Entry[] = [];
  /** Tool calls that were given up with their server. */
  readonly lostTools = new Set<string>();
  readonly toolRequests = new Map<string, HappeningOf<"tool-requested">>();
  readonly userWords: string[] = [];
  #rung = -1;
  #turn: { id: string; hung: boolean } | undefined;
  #reply: string | undefined;
  #requests = 0;
  #hangThresholdMs = Number.POSITIVE_INFINITY;
  /** The user's words so far, when each tool was asked. */
  readonly #wordsAt = new Map<string, number>();
  #keptReply = false;
  #now = 0;
  #analysed = false;
  #amended = false;
  readonly #answered = new Set<string>();
  readonly #ids = new Set<string>();

  readonly #line: Line;
  #takenUp = { times: 0, at: Number.NaN };
  /** Since when the line stands, and how long the call may last, in ms. */
  #stands = { since: Number.POSITIVE_INFINITY, maxMs: Number.POSITIVE_INFINITY };

  constructor(callId: string, line: Line) {
    this.callId = callId;
    this.#line = line;
  }

  see(entry: Entry): void {
    const where = `${this.callId} entry ${entry.seq} (${entry.what.type}):`;
    this.seq += 1;
    must(entry.seq === this.seq, `${where} comes after ${this.seq - 1}`);
    if (entry.sequence !== null) {
      this.sequence += 1;
      must(entry.sequence === this.sequence, `${where} its sequence ${entry.sequence} leaves a gap`);
      this.told.push(entry);
    }
    this.#checkEnd(where, entry.what);
    if (entry.what.type === "taken-up") this.#takenUp = { times: this.#takenUp.times + 1, at: entry.at };
    if (entry.what.type === "status-changed") this.#checkLoss(where, entry.what, entry.at);
    this.#now = entry.at;
    this.#read(where, entry.what);
  }

  /** What can go on with another server is lost only when its time is over, or when it was taken up in vain. */
  #checkLoss(where: string, { status, endedReason }: HappeningOf<"status-changed">, at: number): void {
    if (status === "ongoing") this.#stands.since = at;
    if (endedReason !== "server-lost" || this.#line.plays === "in-time") return;
    const isOver = at - this.#stands.since >= this.#stands.maxMs;
    must(isOver || this.#takenUp.times > limits.takeUpsMax, `${where} it could have gone on`);
  }

  /** I2: nothing comes after finished but what is still to be said about the call. */
  #checkEnd(where: string, { type }: Happening): void {
    if (this.endedReason === undefined) return;
    const late = ["tool-answered", "analysis-finished", "reported", "analysis-updated"];
    must(late.includes(type), `${where} comes after finished (I2)`);
  }

  #read(where: string, what: Happening): void {
    switch (what.type) {
      case "call-created":
        this.#hangThresholdMs = Number(what.assistant["hangThresholdMs"]);
        this.#stands.maxMs = Number(what.assistant["maxCallDuration"]) * 1_000;
        return undefined;
      case "status-changed":
        return this.#status(where, what);
      case "turn-started":
        must(this.#turn === undefined, `${where} another turn is open (I3)`);
        this.#fresh(where, what.turnId);
        this.#turn = { id: what.turnId, hung: false };
        return undefined;
      case "turn-ended":
        must(this.#turn?.id === what.turnId, `${where} this turn is not open (I3)`);
        this.#turn = undefined;
        return undefined;
      case "message-added":
        this.#fresh(where, what.message.messageId);
        if (what.message.role === "user") this.userWords.push(what.message.text);
        return undefined;
      case "hang":
        return this.#hang(where, what.hang);
      case "model-requested":
      case "model-answered":
        return this.#model(where, what);
      case "tool-requested":
      case "tool-answered":
        return this.#tool(where, what);
      case "analysis-finished":
        must(this.endedReason !== undefined, `${where} the call is not finished`);
        this.#analysed = true;
        return undefined;
      case "reported":
        this.reports += 1;
        must(this.reports === 1, `${where} it was reported before`);
        must(this.endedReason !== undefined, `${where} it is reported before it is finished`);
        must(this.#analysed, `${where} it is reported before it was analysed`);
        return undefined;
      case "analysis-updated":
        must(this.reports === 1, `${where} it comes before the report`);
        must(!this.#amended, `${where} it was amended before`);
        this.#amended = true;
        return undefined;
      default:
        return undefined;
    }
  }

  #status(where: string, what: HappeningOf<"status-changed">): void {
    const rung = rungs.indexOf(what.status);
    must(rung > this.#rung, `${where} ${what.status} after ${rungs[this.#rung]} (I2)`);
    this.#rung = rung;
    if (what.status !== "finished") return;
    must(what.endedReason !== undefined, `${where} it does not say why`);
    this.endedReason = what.endedReason;
    const isLost = what.endedReason === "server-lost" && this.#line.plays === "in-time";
    must(isLost || this.#turn === undefined, `${where} a turn is still open (I3)`);
    const called = [...this.toolRequests.values()].map(({ name }) => name);
    if (what.endedReason === "assistant-ended")
      must(called.includes("endCall"), `${where} nobody kept a reply that ends the call (I15)`);
  }

  #hang(where: string, { turnId, elapsedMs, thresholdMs }: HappeningOf<"hang">["hang"]): void {
    must(this.#turn?.id === turnId, `${where} this turn is not open (I4)`);
    must(this.#turn !== undefined && !this.#turn.hung, `${where} this turn has hung before (I4)`);
    must(elapsedMs >= thresholdMs, `${where} ${elapsedMs} ms is less than ${thresholdMs} ms (I4)`);
    this.#turn = { id: turnId, hung: true };
  }

  #model(where: string, what: HappeningOf<"model-requested"> | HappeningOf<"model-answered">): void {
    // The next of the assistant's models is asked for the same reply.
    if (what.type === "model-requested" && this.#reply === what.replyId) return;
    if (what.type === "model-requested") {
      must(this.#reply === undefined, `${where} another request is under way (I9)`);
      this.#fresh(where, what.replyId);
      this.#reply = what.replyId;
      this.#requests += 1;
      this.#keptReply = false;
      return;
    }
    // What was lost with a server is given up when there is another, and a silence over the two is told after it.
    if (this.#now !== this.#takenUp.at)
      this.#mustHaveHung(where, { turnId: what.turnId, silentMs: what.firstContentMs ?? what.totalMs });
    must(this.#reply === what.replyId, `${where} this reply was not asked for (I11)`);
    this.#reply = undefined;
    this.#keptReply = what.outcome === "kept";
  }

  #tool(where: string, what: HappeningOf<"tool-requested"> | HappeningOf<"tool-answered">): void {
    if (what.type === "tool-requested") {
      must(this.#keptReply, `${where} its reply was not kept (I5)`);
      this.#fresh(where, what.toolCallId);
      this.toolRequests.set(what.toolCallId, what);
      this.#wordsAt.set(what.toolCallId, this.userWords.length);
      must(this.#isOfReply(what.modelCallId), `${where} another reply calls it, which was discarded (I15)`);
      return;
    }
    const request = this.toolRequests.get(what.toolCallId);
    must(request !== undefined, `${where} nobody asked for it (I11)`);
    // An asynchronous call is answered twice: that it was accepted, and what came of it.
    const isAcceptance = what.outcome.kind === "result" && what.outcome.understoodAs === "accepted-async";
    if (
      this.#now !== this.#takenUp.at &&
      !request.async &&
      this.#wordsAt.get(what.toolCallId) === this.userWords.length
    )
      this.#mustHaveHung(where, { turnId: request.turnId, silentMs: what.elapsedMs });
    const key = `${what.toolCallId}${isAcceptance ? " accepted" : ""}`;
    const isLate = what.outcome.kind === "result" && what.outcome.understoodAs === "late-result";
    must(isLate || !this.#answered.has(key), `${where} it was answered before (I6)`);
    this.#answered.add(key);
    if (what.outcome.kind === "error" && what.outcome.code === "server-lost")
      this.lostTools.add(what.toolCallId);
  }

  /** A server that is lost may have written that a model is asked, and not have asked it. */
  #isOfReply(modelCallId: string): boolean {
    // A model is asked while it is written that it is: a server that goes then has asked one request more.
    const { times } = this.#takenUp;
    const requests = Array.from({ length: 2 * times + 1 }, (_, lost) => this.#requests + times - lost);
    return requests.some((number) => modelCallId.startsWith(modelCallIdOf(number, 0).slice(0, -1)));
  }

  /** A silence that reached the threshold is told, whatever the model or the tool does. */
  #mustHaveHung(where: string, { turnId, silentMs }: { turnId: string; silentMs: number }): void {
    const isWatched = this.#line.plays === "at-once" && this.#line.time === "is-even";
    if (!isWatched || this.#turn?.id !== turnId) return;
    const isDue = silentMs >= this.#hangThresholdMs + hangSlackMs;
    must(!isDue || this.#turn.hung, `${where} ${silentMs} ms of silence, and no hang was raised (I4)`);
  }

  #fresh(where: string, id: string): void {
    must(!this.#ids.has(id), `${where} the id ${id} was given before (I7)`);
    this.#ids.add(id);
  }
}
