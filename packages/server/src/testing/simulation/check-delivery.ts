import { ok as must } from "node:assert/strict";
import type { JsonObject } from "@offhook/protocol";
import type { JournalCheck } from "./check-journal.ts";

/** A request as an application received it, and what it answered. */
export type Posted = {
  at: number;
  id: string;
  message: JsonObject;
  body: string;
  accepted: boolean;
};

/** Follows what the application is told of one call, and throws at the first request that must not be. */
export class DeliveryCheck {
  readonly #journal: JournalCheck;
  readonly #bodies = new Map<number, { id: string; body: string }>();
  readonly #missed = new Set<number>();
  readonly #accepted = new Set<number>();
  readonly #asked = new Set<string>();
  #head = 0;

  constructor(journal: JournalCheck) {
    this.#journal = journal;
  }

  /** An event: durable, in order, under one id, in the same bytes. */
  tell(posted: Posted): void {
    const sequence = Number(posted.message["sequence"]);
    const where = `${this.#journal.callId} event ${sequence}:`;
    const entry = this.#journal.told[sequence - 1];
    must(entry !== undefined, `${where} it was sent before it was on disk`);
    const missed = (posted.message["missed"] ?? []) as number[];
    for (const one of missed) this.#missed.add(one);
    const known = this.#bodies.get(sequence);
    must(known === undefined || known.id === posted.id, `${where} it came under another id`);
    must(known === undefined || known.body === posted.body, `${where} it came in other bytes`);
    this.#bodies.set(sequence, { id: posted.id, body: posted.body });
    must(sequence >= this.#head, `${where} it came after event ${this.#head}`);
    for (let before = this.#head; before > 0 && before < sequence; before += 1)
      must(
        this.#accepted.has(before) || this.#missed.has(before),
        `${where} it came before event ${before} was settled`,
      );
    this.#head = sequence;
    if (posted.accepted) this.#accepted.add(sequence);
  }

  /** A tool call: written before it is sent, and under one id. */
  ask(posted: Posted): void {
    const where = `${this.#journal.callId} tool call ${posted.id}:`;
    must(this.#journal.toolRequests.has(posted.id), `${where} it was sent before it was on disk (I5)`);
    this.#asked.add(posted.id);
  }

  /** At the end nothing is owed: each event was accepted, or given up and said to be if anything came after it. */
  finish(isGivenUp: (sequence: number) => boolean): void {
    const { callId, sequence: last } = this.#journal;
    for (let sequence = 1; sequence <= last; sequence += 1) {
      const settled = this.#accepted.has(sequence) || isGivenUp(sequence);
      must(settled, `${callId} event ${sequence} was lost: neither accepted nor given up`);
    }
    const unsaid = Array.from({ length: Math.max(...this.#accepted, 0) }, (_, index) => index + 1).filter(
      (sequence) => !this.#accepted.has(sequence) && !this.#missed.has(sequence),
    );
    must(unsaid.length === 0, `${callId} events ${unsaid.join(", ")} were given up and never said to be`);
  }
}
