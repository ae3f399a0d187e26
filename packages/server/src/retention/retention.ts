import { type Clock, sleep } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Forgotten, Store } from "../store.ts";

export type RetentionRules = {
  /** Calls that began longer ago are forgotten, in ms; null keeps them whatever their age. */
  ageMsMax: number | null;
  /** The oldest calls are forgotten while the store is larger, in bytes; null lets it grow. */
  bytesMax: number | null;
};

export const retentionLimits = {
  /** From one look at what is old to the next. */
  everyMs: 600_000,
  /** Calls that are forgotten in one transaction, so that nobody waits long for it. */
  callsAtOnce: 20,
  /** How long others have the store to themselves between two of these. */
  pauseMs: 50,
  /** So many calls are forgotten in one look at the most; the next goes on. */
  callsPerLook: 100_000,
} as const;

export type RetentionParts = { store: Pick<Store, "forget" | "size">; clock: Clock; log: Log };

/**
 * Forgets calls that are old, or for which there is no room any more, until
 * the signal. What still lives, is not reported, or has something left to send
 * is kept whatever its age.
 */
export async function retain(
  parts: RetentionParts,
  rules: RetentionRules,
  signal: AbortSignal,
): Promise<void> {
  if (rules.ageMsMax === null && rules.bytesMax === null) return;
  while (!signal.aborted) {
    await look(parts, rules, signal).catch((error: unknown) => {
      parts.log.error("what is old could not be forgotten; it will be tried again", { error });
    });
    await sleep(parts.clock, retentionLimits.everyMs, signal);
  }
}

async function look(parts: RetentionParts, rules: RetentionRules, signal: AbortSignal): Promise<void> {
  const { clock, log } = parts;
  const { ageMsMax, bytesMax } = rules;
  if (ageMsMax !== null) {
    const old = await forgetWhile(parts, { before: clock.now() - ageMsMax, signal, holds: async () => true });
    note(log, "calls were forgotten for their age", old);
  }
  if (bytesMax !== null) {
    const holds = async (): Promise<boolean> => (await parts.store.size()) > bytesMax;
    note(
      log,
      "calls were forgotten to make room",
      await forgetWhile(parts, { before: clock.now(), signal, holds }),
    );
    if (await holds()) log.warn("the store is larger than it may be, and nothing in it can be forgotten yet");
  }
}

type Forgetting = { before: number; signal: AbortSignal; holds: () => Promise<boolean> };

async function forgetWhile({ store, clock }: RetentionParts, given: Forgetting): Promise<Forgotten> {
  const sum: Forgotten = { calls: 0, entries: 0, deadLetters: 0 };
  const { before, signal, holds } = given;
  while (!signal.aborted && sum.calls < retentionLimits.callsPerLook && (await holds())) {
    const forgotten = await store.forget({ before, limit: retentionLimits.callsAtOnce });
    sum.calls += forgotten.calls;
    sum.entries += forgotten.entries;
    sum.deadLetters += forgotten.deadLetters;
    if (forgotten.calls < retentionLimits.callsAtOnce) break;
    await sleep(clock, retentionLimits.pauseMs, signal);
  }
  return sum;
}

/** Dead letters that go are told louder: nobody will send them again. */
function note(log: Log, message: string, forgotten: Forgotten): void {
  if (forgotten.calls === 0) return;
  if (forgotten.deadLetters > 0) log.warn(message, forgotten);
  else log.info(message, forgotten);
}
