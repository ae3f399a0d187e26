import type { AttemptOutcome } from "@offhook/protocol";

/**
 * How a receiver has fared, and so how many attempts may be under way at it:
 * a circuit that is never quite open. One that does not answer is tried one
 * attempt at a time until it answers again. Pure.
 */
export type Health =
  /** Answers. Its share grows with every answer, so that a new receiver takes few slots before it has shown itself. */
  | { name: "well"; share: number; silences: number }
  /** Does not answer: half open, one attempt at a time. */
  | { name: "silent" };

/** Limits of a receiver's share of the attempts under way. */
export const healthLimits = {
  /** Of a receiver that is met for the first time, and of one that answers again. */
  shareAtFirst: 2,
  /** So many attempts in a row without an answer make a receiver silent. */
  silencesMax: 5,
} as const;

export const unknownHealth: Health = { name: "well", share: healthLimits.shareAtFirst, silences: 0 };

/** Attempts that may be under way at a receiver. */
export function shareOf(health: Health): number {
  return health.name === "well" ? health.share : 1;
}

/** What an attempt's outcome says of its receiver; `shareMax`: the most that one may have. */
export function healthAfter(health: Health, outcome: AttemptOutcome, shareMax: number): Health {
  switch (meaningOf[outcome]) {
    case "answers":
      return health.name === "silent"
        ? { name: "well", share: Math.min(healthLimits.shareAtFirst, shareMax), silences: 0 }
        : { name: "well", share: Math.min(health.share + 1, shareMax), silences: 0 };
    case "silence":
      if (health.name === "silent" || health.silences + 1 >= healthLimits.silencesMax)
        return { name: "silent" };
      return { ...health, silences: health.silences + 1 };
    case "nothing":
      return health;
  }
}

/** A refusal neither shows that a receiver does its work nor that it is gone. */
const meaningOf = {
  accepted: "answers",
  refused: "nothing",
  gone: "nothing",
  busy: "silence",
  "timed-out": "silence",
  unreachable: "silence",
  forbidden: "nothing",
} as const satisfies Record<AttemptOutcome, "answers" | "silence" | "nothing">;
