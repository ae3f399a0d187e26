/**
 * How a person's words come in and ours go out. A chat gives everything to be
 * heard at once; a voice takes its time and says how far it came.
 */
export interface Channel {
  /** Gives a piece of a message; `last` ends it. */
  say(piece: { messageId: string; text: string; last: boolean }): void;
  /** Stops what is being said, at once. */
  hush(messageId: string): void;
  /** Says goodbye to the line; nothing is said after it. */
  close(): void;
}

/** What a channel tells the call. */
export type ChannelNews =
  | { type: "connected" }
  | { type: "heard"; text: string }
  /** The user broke in while a message was played; `text` is what of it was heard. */
  | { type: "interrupted"; messageId: string; text: string }
  /** The message has been heard to its end. */
  | { type: "played"; messageId: string }
  /** The user hung up. */
  | { type: "left" }
  | { type: "lost" };

/** Opens a call's channel; what it hears goes to `tell`. */
export type OpenChannel = (tell: (news: ChannelNews) => void) => Channel;
