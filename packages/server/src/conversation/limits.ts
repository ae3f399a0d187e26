/** How long the call waits, and how much it takes. Milliseconds unless the name says otherwise. */
export const limits = {
  connectMaxMs: 60_000,
  firstContentMaxMs: 60_000,
  replyMaxMs: 180_000,
  /** What the last words may take in all. */
  closingMaxMs: 60_000,
  /** How long the channel may play nothing of what it was given. */
  playbackStallMaxMs: 15_000,
  /** How long a user's voice may be there without a new word before the call goes on as if it had ended. */
  userSpeechMaxMs: 60_000,
  /** What a tool may take beyond its own timeout before the call gives it up. */
  toolGraceMs: 2_000,
  /** When a `request-response-delayed` is said that names no time. */
  delayedFillerMs: 3_000,
  roundsMax: 8,
  toolCallsPerReplyMax: 16,
  failedTurnsMax: 3,
  requestsPerRoundMax: 2,
  agendaMax: 50,
  /** So often in sequence a call is taken up of which nothing else is heard; then it ends. */
  takeUpsMax: 3,
  /** A call that was quiet for so long between two takings has not brought its server down. */
  takeUpsCalmMs: 600_000,
  replyCharactersMax: 100_000,
} as const;
