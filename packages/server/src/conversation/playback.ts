import type { HappeningOf } from "@offhook/protocol";

/** Where a message of the assistant comes from; what has none is the model's reply to something. */
export type Origin = NonNullable<HappeningOf<"message-added">["origin"]>;

/** A message on its way to the user's ear. */
export type Utterance = {
  messageId: string;
  turnId: string | undefined;
  origin: Origin | "reply";
  /** What the channel was given of it. */
  said: string;
  /** `open` while more of it may come. */
  end: "open" | "given";
  /** How many characters of it were heard. */
  heard: number;
  /** The model's time to its first content, in ms. */
  latencyMs: number | undefined;
};

/** The ledger of what is said: `queue` is in the order of saying; `movedAt` is when it last went on, in epoch ms. */
export type Playback = { queue: readonly Utterance[]; movedAt: number };

export const silence: Playback = { queue: [], movedAt: 0 };

/** What the user was given to hear of a message. */
export function heardOf({ said, heard }: Utterance): string {
  const text = said.slice(0, heard);
  return text.trim() === "" ? "" : text;
}

/** Whether the user hears something, or has just heard it and waits for more. */
export function isAudible({ queue }: Playback): boolean {
  return queue.some((utterance) => heardOf(utterance) !== "");
}

/** Whether something was given that the user has not heard yet. */
export function isBehind({ queue }: Playback): boolean {
  return queue.some(({ said, heard, end }) => heard < said.length || end === "given");
}

/** Adds a piece to a message, or begins it with the piece. */
export function withPiece(
  playback: Playback,
  piece: Omit<Utterance, "said" | "heard" | "end"> & { text: string; last: boolean },
  now: number,
): Playback {
  const { text, last, ...about } = piece;
  const { queue } = playback;
  const before = queue.find(({ messageId }) => messageId === piece.messageId);
  const next: Utterance = {
    ...about,
    said: (before?.said ?? "") + text,
    heard: before?.heard ?? 0,
    end: last ? "given" : "open",
  };
  return before === undefined
    ? { queue: [...queue, next], movedAt: isBehind(playback) ? playback.movedAt : now }
    : {
        queue: queue.map((one) => (one === before ? next : one)),
        movedAt: isBehind(playback) ? playback.movedAt : now,
      };
}

/** So many characters of a message were heard; never fewer than before, never more than were said. */
export function withHeard(
  playback: Playback,
  { messageId, characters }: { messageId: string; characters: number },
  now: number,
): Playback {
  const before = playback.queue.find((one) => one.messageId === messageId);
  if (before === undefined) return playback;
  const heard = Math.min(characters, before.said.length);
  // A channel that repeats itself, or says more than there was, has played nothing since.
  if (heard <= before.heard) return playback;
  const next = { ...before, heard };
  return { queue: playback.queue.map((one) => (one === before ? next : one)), movedAt: now };
}

/** Takes a message off the ledger. */
export function without(playback: Playback, messageId: string, now: number): Playback {
  return { queue: playback.queue.filter((one) => one.messageId !== messageId), movedAt: now };
}
