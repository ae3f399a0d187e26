/** Everything that a receiver bounds; the unit is in the name. */
export const defaultLimits = {
  /** A longer body is refused with 413. */
  bodyBytesMax: 5 * 1_024 * 1_024,
  /** A body that has not arrived by then is refused with 408. */
  bodyWaitMsMax: 15_000,
  /** Requests at once, and runs that have not ended; one more is asked to come back with 503. */
  inFlightMax: 256,
  /** How long an event's handler is waited for: the longest that a Server URL may be given (contract 1.2). */
  eventMsMax: 60_000,
  /** How long a tool is waited for: the longest that a tool's server may be given (contract 4.1). */
  toolMsMax: 600_000,
  /** How long `assistant` is waited for: less than the 7.5 s of a server that is told nothing else (decision 17). */
  assistantMsMax: 7_000,
  /** A longer tool answer becomes an error that says so (contract 4.3). */
  answerBytesMax: 256 * 1_024,
  /** Tool calls in one request of the `tool-calls` style. */
  toolCallsMax: 32,
  /** Answers remembered, so that a repeated id is not handled twice: at most these, at least the newest half. */
  receiptsMax: 10_000,
  receiptsBytesMax: 32 * 1_024 * 1_024,
  /** Calls whose last sequence is remembered: at most these, at least half of them. */
  orderCallsMax: 10_000,
};

export type Limits = typeof defaultLimits;
