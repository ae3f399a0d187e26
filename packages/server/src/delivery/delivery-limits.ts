import { poolLimits } from "./pools.ts";

/** Limits of the delivery. */
export const deliveryLimits = {
  /** Attempts under way at the same time: first ones, and late ones with all that goes to silent receivers. */
  slots: { first: 384, late: 128 },
  /** Of these, the most that one team may take, so that another finds room at once. */
  teamSlots: { first: 288, late: 96 },
  /** At one receiver: as many as it gets connections. */
  receiverMax: poolLimits.connectionsPerOriginMax,
  /** Lanes held ready for one receiver, by its health. */
  waitingMax: { well: 10_000, silent: 100 },
  /** Receivers whose health is remembered though they have nothing to do. */
  rememberedMax: 10_000,
  /** Lanes taken from the store in one look. */
  lanesPerLook: 500,
  /** Lanes held ready; the rest wait in the store. */
  sessionsMax: 20_000,
  /** Lanes that are let go and of which it is remembered how far they had come. */
  marksMax: 50_000,
  /** All lanes that are due are looked through so often, and whenever some may have been passed over. */
  lookEveryMs: 60_000,
  /** Lanes that came due so long before the last look are read once more: they may have been written after it. */
  lookBackMs: 1_000,
  /** How long to wait before more are fetched for a receiver that has room again. */
  refillPauseMs: 100,
  /** How long to leave a lane alone after the store failed. */
  storePauseMs: 1_000,
} as const;
