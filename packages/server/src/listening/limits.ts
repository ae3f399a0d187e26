/** Limits of listeners. */
export const listeningLimits = {
  /** A listener that has not taken a tool call by then is gone, and the Server URL is asked. */
  takeMaxMs: 2_000,
  /** Tool calls of one listener that may be unanswered; one more goes to the Server URL. */
  toolCallsMax: 100,
  /** Assistants that one listener may name. */
  assistantsMax: 100,
} as const;
