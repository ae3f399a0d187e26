/**
 * How a person's words come in and ours go out. A chat gives everything to be
 * heard at once; a voice takes its time and says how far it came.
 */
export interface Channel {
  /** Gives a piece of a message; `last` ends it. Messages are played one after another. */
  say(piece: { messageId: string; text: string; last: boolean }): void;
  /** Stops a message, and forgets what of it was not played yet. */
  hush(messageId: string): void;
  /** Holds the tongue: nothing more is played until {@link resume}. */
  pause(): void;
  /** Goes on from where it stopped. */
  resume(): void;
  /** Says goodbye to the line; nothing is said after it. */
  close(): void;
}

/**
 * What a channel tells the call. A user's utterance that a voice hears is
 * `speech-began`, any number of `hearing`, and then either `heard` or
 * `speech-ended`; a chat tells only `heard`.
 */
export type ChannelNews =
  | { type: "connected" }
  /** There is a voice on the user's side; it may be nothing. */
  | { type: "speech-began" }
  /** The words so far; they may still change. */
  | { type: "hearing"; text: string }
  /** The user's words, complete. */
  | { type: "heard"; text: string }
  /** The voice has ended, and there were no words in it. */
  | { type: "speech-ended" }
  /** So many characters of a message have been heard. */
  | { type: "playing"; messageId: string; characters: number }
  /** The message has been heard to its end. */
  | { type: "played"; messageId: string }
  /** The user hung up. */
  | { type: "left" }
  | { type: "lost" };

/** Opens a call's channel; what it hears goes to `tell`. */
export type OpenChannel = {
  /** `instant`: what is said is heard, and nothing is told of it; `reported`: `playing` and `played` say how far it came. */
  playback: "instant" | "reported";
  open(tell: (news: ChannelNews) => void): Channel;
};
