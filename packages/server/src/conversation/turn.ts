import type { HappeningOf } from "@offhook/protocol";
import { uuidOf } from "@offhook/protocol";
import type { ModelMessage } from "../model.ts";
import type { Out } from "./effect.ts";
import { limits } from "./limits.ts";
import type { Origin } from "./playback.ts";
import { give, write } from "./speech.ts";
import type { Core, Live, Remembered, StateOf, Turn } from "./state.ts";

/** Counts one more of something; its id is unique in the call and for good. */
export function mint<Of extends Core>(core: Of, what: keyof Core["made"]): { core: Of; id: string } {
  const count = core.made[what] + 1;
  const prefix = { messages: "msg", turns: "turn", replies: "reply", toolCalls: "tool" }[what];
  return {
    core: { ...core, made: { ...core.made, [what]: count } },
    id: `${prefix}_${uuidOf(core.id)}_${count}`,
  };
}

/** Adds to what the model will be given. */
export function remember<Of extends Core>(core: Of, ...items: readonly Remembered[]): Of {
  return { ...core, history: [...core.history, ...items] };
}

/** What the user said; `skipped` are the assistant's messages that it cut off. */
export type Words = { text: string; skipped?: readonly string[] | undefined };

/** Writes what the user said, in the step that heard it. */
export function writeWords<Of extends Core>(
  core: Of,
  { text, skipped = [], ...about }: Words & { turnId?: string | undefined; waits?: boolean },
  out: Out,
): Of {
  const { core: next, id } = mint(core, "messages");
  const skippedAssistantMessages = skipped.length === 0 ? {} : { skippedAssistantMessages: [...skipped] };
  const message = {
    messageId: id,
    role: "user",
    text,
    timestamp: out.now,
    ...skippedAssistantMessages,
  } as const;
  write(message, out, about);
  return { ...next, idleMessages: 0 };
}

/** Writes a message of the user and remembers it. */
export function takeWords<Of extends Core>(
  core: Of,
  words: Words & { turnId?: string | undefined },
  out: Out,
): Of {
  return remember(writeWords(core, words, out), { role: "user", text: words.text });
}

/** Says something whole that is part of the conversation. */
export function speak<Of extends Core>(
  core: Of,
  { text, origin }: { text: string; origin: Exclude<Origin, "filler"> },
  out: Out,
): Of {
  const { core: next, id } = mint(core, "messages");
  const remembered = remember(next, { role: "assistant", text, toolCalls: [], messageId: id });
  return give(
    remembered,
    { messageId: id, text, last: true, origin, turnId: undefined, latencyMs: undefined },
    out,
  );
}

/**
 * Says something while the user waits. It is a message, for the user hears
 * it, but no content: the model is not given it, and no clock starts again.
 */
export function fill<Of extends Core>(core: Of, { text, turn }: { text: string; turn: Turn }, out: Out): Of {
  if (text.trim() === "" || core.user.kind === "speaking") return core;
  const { core: next, id } = mint(core, "messages");
  const piece = { messageId: id, text, last: true, turnId: turn.id, latencyMs: undefined };
  return give(next, { ...piece, origin: "filler" }, out);
}

/** Opens a turn. */
export function openTurn(
  core: Live,
  cause: HappeningOf<"turn-started">["cause"],
  out: Out,
): { core: Live; turn: Turn } {
  const { core: next, id } = mint(core, "turns");
  out.entries.push({ type: "turn-started", turnId: id, cause });
  const { setup } = next;
  const turn: Turn = {
    id,
    cause,
    setup,
    quietSince: out.now,
    hang: { kind: "none" },
    rounds: 0,
    requests: 0,
    misfits: [],
  };
  return { core: next, turn };
}

export function closeTurn(turn: Turn, outcome: HappeningOf<"turn-ended">["outcome"], out: Out): void {
  out.entries.push({ type: "turn-ended", turnId: turn.id, outcome });
}

type Asking = { core: Live; turn: Turn; again?: HappeningOf<"model-requested">["again"] };

/** Asks the model for the turn's next reply. */
export function ask({ core, turn, again }: Asking, out: Out): StateOf<"thinking"> {
  const reply = mint(core, "replies");
  const message = mint(reply.core, "messages");
  const { setup } = turn;
  const { history } = message.core;
  out.entries.push({
    type: "model-requested",
    replyId: reply.id,
    turnId: turn.id,
    provider: setup.model.provider,
    model: setup.model.model,
    ...(again === undefined ? {} : { again }),
  });
  const system: ModelMessage[] = setup.prompt === "" ? [] : [{ role: "system", text: setup.prompt }];
  out.effects.push({
    type: "ask-model",
    replyId: reply.id,
    request: {
      settings: setup.model,
      messages: [...system, ...history.map(shown)],
      tools: mustSpeak(turn) ? "none" : setup,
    },
  });
  return {
    name: "thinking",
    core: message.core,
    turn: { ...turn, requests: turn.requests + 1 },
    reply: { id: reply.id, messageId: message.id, requestedAt: out.now },
  };
}

/** An item as the model is given it. */
function shown(item: Remembered): ModelMessage {
  if (!("messageId" in item)) return item;
  const { messageId: _messageId, ...message } = item;
  return message;
}

/** After so many rounds with tools the model gets none, so that it speaks. */
export function mustSpeak(turn: Turn): boolean {
  return turn.rounds >= limits.roundsMax;
}

/** Notes content of the assistant: the clock of silence starts again, and a hang that waited for it is over. */
export function content(turn: Turn, how: "given" | "heard", out: Out): Turn {
  const { id, hang } = turn;
  const next = { ...turn, quietSince: out.now };
  if (hang.kind !== "raised" || hang.by !== how) return next;
  out.entries.push({ type: "hang-recovered", hang: { turnId: id, elapsedMs: out.now - hang.quietSince } });
  return { ...next, hang: { kind: "recovered" } };
}
