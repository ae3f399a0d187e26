import { poolLimits } from "./pools.ts";

/** Limits of the delivery. */
export const deliveryLimits = {
  /** Attempts under way at the same time, and of these at one receiver: as many as it gets connections. */
  attemptsMax: 512,
  attemptsPerReceiverMax: poolLimits.connectionsPerOriginMax,
  /** Lanes taken from the store in one look. */
  lanesPerLook: 500,
  /** Lanes held ready; the rest wait in the store. */
  sessionsMax: 10_000,
  /** The longest time between two looks. */
  lookEveryMs: 60_000,
  /** How long to leave a lane alone after the store failed. */
  storePauseMs: 1_000,
} as const;
