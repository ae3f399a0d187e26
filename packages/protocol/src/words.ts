/**
 * The words of the wire, apart from the schemas that use them: who needs only
 * the words, as a receiver does, brings no schemas along.
 */

/** The kinds of call (contract 1.1). */
export const callTypes = ["web", "phone", "chat"] as const;
export type CallType = (typeof callTypes)[number];

/** The payload format of a Server URL; the contract's table says what differs. */
export const formats = ["2025-04", "2026-03"] as const;
export type Format = (typeof formats)[number];

/** The events that an assistant's Server URL can subscribe to. */
export const tellTypes = [
  "status-update",
  "conversation-update",
  "hang",
  "hang-recovered",
  "error",
  "end-of-call-report",
  "analysis-updated",
] as const;
export type TellType = (typeof tellTypes)[number];

/** What a Server URL can be sent as a sample: its events, and a tool call. */
export const sampleTypes = [...tellTypes, "function-call"] as const;
export type SampleType = (typeof sampleTypes)[number];

/** What a call waits for while the assistant is silent. */
export const hangPhases = ["model", "tool", "speech"] as const;
export type HangPhase = (typeof hangPhases)[number];
