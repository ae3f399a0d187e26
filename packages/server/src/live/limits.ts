/** Limits of live sockets. */
export const liveLimits = {
  /** Sessions at the same time, in all and of one call. */
  sessionsMax: 10_000,
  sessionsPerCallMax: 32,
  /** Bytes of a frame from a client. */
  frameBytesMax: 16_384,
  /** Commands of a client that may wait to be carried out. */
  commandsMax: 32,
  /** Updates, and bytes of them, that may wait for a slow client. */
  updatesMax: 2_000,
  bufferedBytesMax: 1_048_576,
  /** How long a client may take to read what is above it. */
  drainMaxMs: 10_000,
  /** Pieces of a message that follow each other within this are one frame. */
  gatherMs: 50,
  /** How often a client is asked whether it is there; it has until the next time to answer. */
  pingEveryMs: 20_000,
  /** How long it may take to find out whether a client may come in. */
  admitMaxMs: 5_000,
  /** Entries read at a time. */
  pageMax: 500,
} as const;

/** Codes of RFC 6455, 7.4.1, with which a socket is closed. */
export const closeCodes = { done: 1_000, goingAway: 1_001, fault: 1_011, tryAgainLater: 1_013 } as const;
