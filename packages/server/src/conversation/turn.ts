import type { HappeningOf, Message } from "@offhook/protocol";
import { uuidOf } from "@offhook/protocol";
import type { ModelMessage } from "../model.ts";
import type { Out } from "./effect.ts";
import { limits } from "./limits.ts";
import type { Core, Live, StateOf, Turn } from "./state.ts";

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
export function remember<Of extends Core>(core: Of, ...items: ModelMessage[]): Of {
  return { ...core, history: [...core.history, ...items] };
}

/** What the user said; `skipped` is the assistant's message that it cut off. */
export type Words = { text: string; skipped?: string | undefined };

/** Writes a message of the user and remembers it. */
export function takeWords<Of extends Core>(
  core: Of,
  { text, turnId, skipped }: Words & { turnId?: string | undefined },
  out: Out,
): Of {
  const { core: next, id } = mint(core, "messages");
  const skippedAssistantMessages = skipped === undefined ? {} : { skippedAssistantMessages: [skipped] };
  write({ messageId: id, role: "user", text, timestamp: out.now, ...skippedAssistantMessages }, out, {
    turnId,
  });
  return remember(next, { role: "user", text });
}

/** Says something whole and writes it; answers the id of the message. */
export function speak<Of extends Core>(core: Of, text: string, out: Out): { core: Of; messageId: string } {
  const { core: next, id } = mint(core, "messages");
  write({ messageId: id, role: "assistant", text, timestamp: out.now }, out);
  out.effects.push({ type: "say", messageId: id, text, last: true });
  return { core: remember(next, { role: "assistant", text, toolCalls: [] }), messageId: id };
}

/** Writes a message as it was said or heard. */
export function write(
  message: Message,
  out: Out,
  more: { turnId?: string | undefined; heard?: HappeningOf<"message-added">["heard"] } = {},
): void {
  const { turnId, heard = "whole" } = more;
  out.entries.push({ type: "message-added", message, ...(turnId === undefined ? {} : { turnId }), heard });
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
  return {
    core: next,
    turn: { id, setup, quietSince: out.now, hang: { kind: "none" }, rounds: 0, requests: 0 },
  };
}

export function closeTurn(turn: Turn, outcome: HappeningOf<"turn-ended">["outcome"], out: Out): void {
  out.entries.push({ type: "turn-ended", turnId: turn.id, outcome });
}

/** Asks the model for the turn's next reply. */
export function ask(core: Live, turn: Turn, out: Out): StateOf<"thinking"> {
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
  });
  const system: ModelMessage[] = setup.prompt === "" ? [] : [{ role: "system", text: setup.prompt }];
  out.effects.push({
    type: "ask-model",
    replyId: reply.id,
    request: {
      settings: setup.model,
      messages: [...system, ...history],
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

/** After so many rounds with tools the model gets none, so that it speaks. */
export function mustSpeak(turn: Turn): boolean {
  return turn.rounds >= limits.roundsMax;
}

/** Notes that the assistant has given content: the clock of silence starts again. */
export function content(turn: Turn, out: Out): Turn {
  if (turn.hang.kind === "raised" && turn.hang.quietSince === turn.quietSince) {
    out.entries.push({
      type: "hang-recovered",
      hang: { turnId: turn.id, elapsedMs: out.now - turn.quietSince },
    });
  }
  return { ...turn, quietSince: out.now };
}
