import type { HappeningOf, Message } from "@offhook/protocol";
import type { Out } from "./effect.ts";
import { heardOf, type Origin, type Utterance, withHeard, without, withPiece } from "./playback.ts";
import type { Core, Remembered } from "./state.ts";

/** A piece of a message; `last` ends it. */
type Piece = Pick<Utterance, "messageId" | "turnId" | "origin" | "latencyMs"> & {
  text: string;
  last: boolean;
};

/** Gives the channel a piece of a message; where playback is instant it is heard with that. */
export function give<Of extends Core>(core: Of, piece: Piece, out: Out): Of {
  const { messageId, text, last } = piece;
  out.effects.push({ type: "say", messageId, text, last });
  const given = { ...core, playback: withPiece(core.playback, piece, out.now) };
  if (core.setup.playback === "reported") return given;
  const heard = hearPart(given, { messageId, characters: Infinity }, out);
  return last ? hearOut(heard, messageId, out) : heard;
}

/** So many characters of a message were heard. */
export function hearPart<Of extends Core>(
  core: Of,
  part: { messageId: string; characters: number },
  out: Out,
): Of {
  const playback = withHeard(core.playback, part, out.now);
  return playback === core.playback ? core : { ...core, playback };
}

/** A message was heard to its end: now it is one of the conversation. */
export function hearOut<Of extends Core>(core: Of, messageId: string, out: Out): Of {
  const utterance = core.playback.queue.find((one) => one.messageId === messageId);
  if (utterance?.end !== "given") return core;
  writeUtterance(utterance, { text: utterance.said, heard: "whole" }, out);
  return { ...core, playback: without(core.playback, messageId, out.now) };
}

/** A message that was stopped, and what of it was heard; `""` for nothing. */
export type Cut = { messageId: string; text: string };

/** Stops all that is being said: what was heard of it is written and stays in the history, the rest was never said. */
export function cutSpeech<Of extends Core>(core: Of, out: Out): { core: Of; cuts: readonly Cut[] } {
  const { queue } = core.playback;
  if (queue.length === 0) return { core, cuts: [] };
  const cuts = queue.map((utterance) => cutShort(utterance, out));
  // A reply that was still coming is not in the history yet.
  const coming = queue.flatMap(({ end, messageId }, at): Remembered[] => {
    const text = cuts[at]?.text ?? "";
    return end === "given" || text === "" ? [] : [{ role: "assistant", text, toolCalls: [], messageId }];
  });
  const history = [...trimmed(core.history, cuts), ...coming];
  return { core: { ...core, history, playback: { queue: [], movedAt: out.now } }, cuts };
}

function cutShort(utterance: Utterance, out: Out): Cut {
  const { messageId, end, said } = utterance;
  const text = heardOf(utterance);
  out.effects.push({ type: "hush", messageId });
  const heard = end === "given" && text === said ? "whole" : "cut";
  if (text !== "") writeUtterance(utterance, { text, heard }, out);
  return { messageId, text };
}

/** Of what was cut, only the part that was heard; a message of which nothing is left goes. */
export function trimmed(items: readonly Remembered[], cuts: readonly Cut[]): readonly Remembered[] {
  return items.flatMap((item) => {
    const cut = "messageId" in item ? cuts.find(({ messageId }) => messageId === item.messageId) : undefined;
    if (cut === undefined || item.role !== "assistant") return [item];
    return cut.text === "" && item.toolCalls.length === 0 ? [] : [{ ...item, text: cut.text }];
  });
}

function writeUtterance(
  { messageId, turnId, origin, latencyMs }: Utterance,
  { text, heard }: { text: string; heard: HappeningOf<"message-added">["heard"] },
  out: Out,
): void {
  const metrics = latencyMs === undefined ? {} : { metrics: { llm: { responseLatencyMs: latencyMs } } };
  const message: Message = { messageId, role: "assistant", text, timestamp: out.now, ...metrics };
  write(message, out, { turnId, heard, origin: origin === "reply" ? undefined : origin });
}

/** Writes a message as it was said or heard. */
export function write(
  message: Message,
  out: Out,
  more: {
    turnId?: string | undefined;
    heard?: HappeningOf<"message-added">["heard"];
    origin?: Origin | undefined;
    waits?: boolean;
  } = {},
): void {
  const { turnId, heard = "whole", origin, waits = false } = more;
  out.entries.push({
    type: "message-added",
    message,
    ...(turnId === undefined ? {} : { turnId }),
    heard,
    ...(origin === undefined ? {} : { origin }),
    ...(waits ? { waits } : {}),
  });
}
