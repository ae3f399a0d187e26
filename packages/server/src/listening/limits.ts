/** Limits of listeners. */
export const listeningLimits = {
  /** A listener that has not taken a tool call by then is gone, and the Server URL is asked. */
  takeMaxMs: 2_000,
  /** Tool calls of one listener, or of all at one other server, that may be unanswered; one more goes to the Server URL. */
  toolCallsMax: 100,
  /** Bytes of an answer, as at a Server URL. */
  answerBytesMax: 262_144,
  /** Assistants that one listener may name. */
  assistantsMax: 100,
  /** How often other servers are told who listens here, as long as somebody does. */
  tellEveryMs: 1_000,
  /** Who listens at a server that has said nothing for so long is forgotten: longer than a lease. */
  forgetAfterMs: 4_000,
  /** Bytes of what is told; of more listeners than fit, the newest are. */
  toldBytesMax: 262_144,
} as const;
