import type { ModelUsage } from "@offhook/protocol";
import type { ModelFailure } from "../model.ts";
import { act } from "./act.ts";
import type { Out } from "./effect.ts";
import { close, hangUp } from "./end.ts";
import type { ReadToolCall } from "./event.ts";
import { keepHeard, noteReply } from "./interrupt.ts";
import { limits } from "./limits.ts";
import { answered, rest } from "./rest.ts";
import type { Ending, Live, State, StateOf, Turn } from "./state.ts";
import { ask, closeTurn, content, mustSpeak, remember, write } from "./turn.ts";

type Asked = StateOf<"thinking"> | StateOf<"replying">;

/** More text of the reply; blank text before the first word is no content. */
export function say(state: Asked, piece: string, out: Out): State {
  if (isWordless(state) && piece.trim() === "") return state;
  const begun = begin(state, out);
  const reply = { ...begun.reply, text: begun.reply.text + piece };
  if (reply.text.length > limits.replyCharactersMax) return fail(begun, tooLong, out);
  out.effects.push({ type: "say", messageId: reply.messageId, text: piece, last: false });
  return { ...begun, turn: { ...begun.turn, quietSince: out.now }, reply };
}

/** The first content of a reply. */
export function begin(state: Asked, out: Out): StateOf<"replying"> {
  if (state.name === "replying") return state;
  const reply = { ...state.reply, text: "", firstContentAt: out.now };
  return { name: "replying", core: state.core, turn: content(state.turn, out), reply };
}

/** The reply is whole and kept: say the end of it, do what it asks for. */
export function finished(
  state: Asked,
  answer: { toolCalls: readonly ReadToolCall[]; usage?: ModelUsage },
  out: Out,
): State {
  const { usage } = answer;
  const toolCalls = mustSpeak(state.turn) ? [] : answer.toolCalls;
  if (isWordless(state) && toolCalls.length === 0) {
    return answer.toolCalls.length === 0
      ? fail(state, nothingSaid, out)
      : fail(begin(state, out), toolsAgain, out);
  }
  const kept = begin(state, out);
  noteReply(kept, { outcome: "kept", usage }, out);
  keep(kept, out);
  const ending = endPhraseIn(kept);
  if (toolCalls.length > 0) return act(kept, { toolCalls, ending }, out);
  const core = remember(kept.core, { role: "assistant", text: kept.reply.text, toolCalls: [] });
  if (ending === undefined) return answered(core, kept.turn, out);
  closeTurn(kept.turn, "answered", out);
  return close(core, { ending, lastWords: kept.reply.messageId }, out);
}

function isWordless(state: Asked): boolean {
  return state.name === "thinking" || state.reply.text === "";
}

function keep(state: StateOf<"replying">, out: Out): void {
  const { reply, turn } = state;
  if (reply.text === "") return;
  const metrics = { llm: { responseLatencyMs: reply.firstContentAt - reply.requestedAt } };
  const message = {
    messageId: reply.messageId,
    role: "assistant",
    text: reply.text,
    timestamp: out.now,
    metrics,
  } as const;
  write(message, out, { turnId: turn.id });
  out.effects.push({ type: "say", messageId: reply.messageId, text: "", last: true });
}

function endPhraseIn(state: StateOf<"replying">): Ending | undefined {
  const found = state.turn.setup.endCallPhrases.some((phrase) => holdsPhrase(state.reply.text, phrase));
  return found ? { reason: "end-phrase", by: "assistant" } : undefined;
}

/** Whether a text holds a phrase as words of its own: “end” is not in “weekend”. */
function holdsPhrase(text: string, phrase: string): boolean {
  const [said, wanted] = [text.toLowerCase(), phrase.toLowerCase()];
  for (let at = said.indexOf(wanted); at !== -1; at = said.indexOf(wanted, at + 1)) {
    const isAlone =
      !isWordCharacter(said.charAt(at - 1)) && !isWordCharacter(said.charAt(at + wanted.length));
    if (isAlone) return true;
  }
  return false;
}

function isWordCharacter(character: string): boolean {
  return /[\p{L}\p{N}]/u.test(character);
}

/** The model could not: ask once more if that may help, else end the turn, and the call after too many. */
export function fail(state: Asked, failure: ModelFailure, out: Out): State {
  noteReply(state, { outcome: "failed" }, out);
  out.effects.push({ type: "stop-model", replyId: state.reply.id });
  writeFailure(state, failure, out);
  const { turn } = state;
  if (isWordless(state) && failure.retryable && turn.requests < limits.requestsPerRoundMax) {
    return ask(state.core, turn, out);
  }
  return giveUp(state.name === "replying" ? keepHeard(state, state.reply.text, out) : state.core, turn, out);
}

function giveUp(core: Live, turn: Turn, out: Out): State {
  closeTurn(turn, "failed", out);
  const failedTurns = core.failedTurns + 1;
  const left: State = { name: "listening", core: { ...core, failedTurns } };
  if (failedTurns >= limits.failedTurnsMax)
    return hangUp(left, { reason: "model-failed", by: "system" }, out);
  return rest(left.core, out);
}

/** Writes a model's failure, which the application is told. */
export function writeFailure(state: Asked, failure: ModelFailure, out: Out): void {
  const { code, message, retryable, status, of: asked = state.core.setup.model } = failure;
  out.entries.push({
    type: "error",
    error: {
      type: "llm_error",
      code,
      message,
      provider: asked.provider,
      retryable,
      details: {
        turnId: state.turn.id,
        replyId: state.reply.id,
        model: asked.model,
        ...(status === undefined ? {} : { status }),
      },
    },
  });
}

const nothingSaid: ModelFailure = {
  code: "empty",
  message: "The model finished without a word or a tool call.",
  retryable: true,
};

const toolsAgain: ModelFailure = {
  code: "bad-answer",
  message: `The model called tools in ${limits.roundsMax} rounds of one turn, and again where it was given none.`,
  retryable: false,
};

const tooLong: ModelFailure = {
  code: "bad-answer",
  message: `The reply passed ${limits.replyCharactersMax} characters and was cut off.`,
  retryable: false,
};
