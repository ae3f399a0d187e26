import { ok as must } from "node:assert/strict";
import { type CallId, defaultTeam } from "@offhook/protocol";
import type { Store, StoredEntry } from "../../store.ts";
import { DeliveryCheck, type Posted } from "./check-delivery.ts";
import { JournalCheck } from "./check-journal.ts";
import type { Plan } from "./plan.ts";

/** What the simulated disk may take, so that something is written though it was decided before the voice. */
const floorSlackMs = 50;

const begin = Date.parse("2026-03-02T09:00:00.000Z");

/** Sees everything: what is on disk, after each write, and what goes out. Keeps the first fault, and a diary to read it by. */
export class Witness {
  readonly #journals = new Map<string, JournalCheck>();
  readonly #deliveries = new Map<string, DeliveryCheck>();
  readonly #made = new Set<CallId>();
  readonly #line: Plan["line"];
  readonly #time: "is-even" | "jumps";
  /** Who speaks, and since when on the clock of the world. */
  readonly #voices = new Map<CallId, number>();
  readonly #diary: string[] = [];
  #position = 0;
  #fault: Error | undefined;

  constructor({ line, troubles }: Pick<Plan, "line" | "troubles">) {
    this.#line = line;
    this.#time = troubles.some(({ kind }) => kind === "clock-jumps") ? "jumps" : "is-even";
  }

  get fault(): Error | undefined {
    return this.#fault;
  }

  /** What happened, a line each. */
  get diary(): readonly string[] {
    return this.#diary;
  }

  at(now: number): string {
    return `${((now - begin) / 1_000).toFixed(3).padStart(10)} s `;
  }

  note(line: string): void {
    this.#diary.push(line);
  }

  fail(error: unknown): void {
    this.#fault ??= error instanceof Error ? error : new Error(String(error));
    this.note(`FAULT ${this.#fault.message}`);
  }

  noteError(message: string, fields: unknown): void {
    this.note(`log: ${message} ${fields instanceof Object && "error" in fields ? String(fields.error) : ""}`);
  }

  /** The server has said that a call is made: from now on it may not be lost. */
  made(callId: CallId): void {
    this.#made.add(callId);
  }

  /** The server has said that it heard these words: they are on disk. */
  said(callId: CallId, text: string): void {
    const words = this.#journalOf(callId).userWords;
    this.#guard(() =>
      must(words.includes(text), `${callId}: the words “${text}” were accepted and not written (I13)`),
    );
  }

  /** The user's voice is there since then, or is no more. */
  speaks(callId: CallId, since: number | undefined): void {
    if (since === undefined) this.#voices.delete(callId);
    else this.#voices.set(callId, since);
  }

  calls(): CallId[] {
    return [...this.#made];
  }

  toolCallOf(callId: CallId, which: number): string | undefined {
    const ids = [...(this.#journals.get(callId)?.toolRequests.keys() ?? [])];
    return ids[which % Math.max(ids.length, 1)];
  }

  /** Reads what has come to be on disk. */
  async look(store: Store, now: number): Promise<void> {
    const entries = await store.entriesOfTeam({ teamId: defaultTeam, after: this.#position, limit: 1_000 });
    for (const entry of entries) {
      // Another look may have come first.
      if (entry.position <= this.#position) continue;
      this.#position = entry.position;
      this.note(
        `${this.at(entry.at)} ${entry.callId.slice(0, 8)} #${entry.seq} ${JSON.stringify(entry.what).slice(0, 160)}`,
      );
      this.#guard(() => this.#journalOf(entry.callId).see(entry));
      this.#guard(() => this.#checkFloor(entry, now));
    }
  }

  /** I22. A server whose clock jumps may have waited long enough for a voice to be over. */
  #checkFloor({ callId, what }: StoredEntry, now: number): void {
    const since = this.#voices.get(callId);
    if (since === undefined || this.#time === "jumps") return;
    if (what.type !== "model-requested" || what.again !== undefined) return;
    must(now - since < floorSlackMs, `${callId}: a model is asked while the user speaks (I22)`);
  }

  tell(posted: Posted): void {
    this.#hear(posted, "tell");
  }

  ask(posted: Posted): void {
    this.#hear(posted, "ask");
  }

  #hear(posted: Posted, kind: "tell" | "ask"): void {
    const { callId, what } = readMessage(posted);
    this.note(`${this.at(posted.at)} ${kind} ${nameOf(callId)} ${what} ${posted.accepted ? "accepted" : ""}`);
    this.#guard(() => {
      if (kind === "ask") must(!this.#isLost(posted.id), `tool call ${posted.id}: it was sent again (I5)`);
      if (callId !== undefined) this.#deliveryOf(callId)[kind](posted);
      else
        must(this.#isRequested(posted.id), `tool call ${posted.id}: it was sent before it was on disk (I5)`);
    });
  }

  #isRequested(toolCallId: string): boolean {
    return [...this.#journals.values()].some(({ toolRequests }) => toolRequests.has(toolCallId));
  }

  /** Whether the call of a tool was given up with its server. */
  #isLost(toolCallId: string): boolean {
    return [...this.#journals.values()].some(({ lostTools }) => lostTools.has(toolCallId));
  }

  /** The first fault counts; what follows from it does not. */
  #guard(check: () => void): void {
    if (this.#fault !== undefined) return;
    try {
      check();
    } catch (error) {
      this.fail(error);
    }
  }

  #journalOf(callId: string): JournalCheck {
    const line = { plays: this.#line === "chat" ? "at-once" : "in-time", time: this.#time } as const;
    const known = this.#journals.get(callId) ?? new JournalCheck(callId, line);
    this.#journals.set(callId, known);
    return known;
  }

  #deliveryOf(callId: string): DeliveryCheck {
    const known = this.#deliveries.get(callId) ?? new DeliveryCheck(this.#journalOf(callId));
    this.#deliveries.set(callId, known);
    return known;
  }

  /** At the end: every call finished and reported once, every event settled. */
  async finish(store: Store, now: number): Promise<void> {
    await this.look(store, now);
    if (this.#fault !== undefined) throw this.#fault;
    for (const callId of this.#made) must(this.#journals.has(callId), `call ${callId} was lost`);
    for (const [callId, journal] of this.#journals) {
      must(journal.endedReason !== undefined, `${callId} was never finished`);
      must(journal.reports === 1, `${callId} has ${journal.reports} reports`);
      await this.#finishDelivery(store, callId, journal);
    }
  }

  async #finishDelivery(store: Store, callId: string, journal: JournalCheck): Promise<void> {
    const delivery = this.#deliveries.get(callId);
    const { deliveries } = await store.listDeliveries({
      teamId: defaultTeam,
      callId: callId as CallId,
      offset: 0,
      limit: 10_000,
    });
    const isGivenUp = (sequence: number): boolean =>
      ["dead", "superseded"].includes(deliveries[sequence - 1]?.state ?? "");
    if (journal.sequence === 0) return;
    must(delivery !== undefined, `${callId}: its application was told nothing`);
    delivery.finish(isGivenUp);
  }
}

/** Of which call a message is, and what it is, for the diary. */
function readMessage({ id, message }: Posted): { callId: string | undefined; what: string } {
  const { call, type, sequence } = message;
  const callId = call instanceof Object && "id" in call && typeof call.id === "string" ? call.id : undefined;
  return { callId, what: JSON.stringify([type ?? "arguments", sequence ?? id]) };
}

function nameOf(callId: string | undefined): string {
  return callId?.slice(0, 8) ?? "a tool";
}
