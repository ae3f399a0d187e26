/** Limits of the connection to NATS. */
export const natsLimits = {
  /** How long an attempt to connect may take. */
  connectMaxMs: 2_000,
  /** How long to wait between attempts: at first, and at the most. */
  pauseMinMs: 100,
  pauseMaxMs: 2_000,
  /** How often the server is asked whether it is there, and how often it may fail to answer. */
  pingEveryMs: 2_000,
  pingsMissedMax: 2,
  /** Bytes on the way to the server that it has not confirmed; beyond it nothing is sent. */
  unconfirmedBytesMax: 8 * 1024 * 1024,
  /** It is asked to confirm once there are so many. */
  confirmBytes: 256 * 1024,
  /** Bytes of a message, where the server allows no less. */
  payloadBytesMax: 1024 * 1024,
} as const;
