import type { ModelFailure } from "../model.ts";
import { act } from "./act.ts";
import type { Out } from "./effect.ts";
import { close, hangUp } from "./end.ts";
import type { Answer } from "./event.ts";
import { noteReply } from "./interrupt.ts";
import { limits } from "./limits.ts";
import { answered, quiet, rest } from "./rest.ts";
import { cutSpeech, give } from "./speech.ts";
import type { Ending, Live, State, StateOf, Turn } from "./state.ts";
import { ask, closeTurn, content, mustSpeak, remember } from "./turn.ts";

type Asked = StateOf<"thinking"> | StateOf<"replying">;

/** More text of the reply; blank text before the first word is no content. */
export function say(state: Asked, piece: string, out: Out): State {
  if (isWordless(state) && piece.trim() === "") return state;
  const begun = begin(state, out);
  const reply = { ...begun.reply, text: begun.reply.text + piece };
  if (reply.text.length > limits.replyCharactersMax) return fail(begun, tooLong, out);
  return giveMore(
    { ...begun, turn: { ...begun.turn, quietSince: out.now }, reply },
    { text: piece, last: false },
    out,
  );
}

function giveMore(
  state: StateOf<"replying">,
  piece: { text: string; last: boolean },
  out: Out,
): StateOf<"replying"> {
  const { core, turn, reply } = state;
  const latencyMs = reply.firstContentAt - reply.requestedAt;
  const origin = turn.cause === "welcome" ? "welcome" : "reply";
  const about = { messageId: reply.messageId, turnId: turn.id, origin, latencyMs } as const;
  return { ...state, core: give(core, { ...about, ...piece }, out) };
}

/** The first content of a reply. */
export function begin(state: Asked, out: Out): StateOf<"replying"> {
  if (state.name === "replying") return state;
  const reply = { ...state.reply, text: "", firstContentAt: out.now };
  return { name: "replying", core: state.core, turn: content(state.turn, "given", out), reply };
}

/** The reply is whole. It is kept at once, or held while the user has the floor: they may yet speak against it. */
export function whole(state: Asked, answer: Answer, out: Out): State {
  const { user } = state.core;
  const isHeld = user.kind === "speaking" && user.floor === "taken";
  if (!isHeld || isEmpty(state, answer)) return finished(state, answer, out);
  const { core, turn, reply } = begin(state, out);
  return { name: "held", core, turn, reply, answer };
}

function isEmpty(state: Asked, { toolCalls }: Answer): boolean {
  return isWordless(state) && (toolCalls.length === 0 || mustSpeak(state.turn));
}

/** The reply is whole and kept: say the end of it, do what it asks for. */
export function finished(state: Asked, answer: Answer, out: Out): State {
  const toolCalls = mustSpeak(state.turn) ? [] : answer.toolCalls;
  if (isEmpty(state, answer)) {
    return answer.toolCalls.length === 0
      ? fail(state, nothingSaid, out)
      : fail(begin(state, out), toolsAgain, out);
  }
  const begun = begin(state, out);
  noteReply(begun, { outcome: "kept", usage: answer.usage }, out);
  const kept = begun.reply.text === "" ? begun : giveMore(begun, { text: "", last: true }, out);
  const ending = endPhraseIn(kept);
  if (toolCalls.length > 0) return act(kept, { toolCalls, ending }, out);
  const { messageId, text } = kept.reply;
  const core = remember(kept.core, { role: "assistant", text, toolCalls: [], messageId });
  if (ending === undefined) return answered(core, kept.turn, out);
  closeTurn(kept.turn, "answered", out);
  return close(core, ending, out);
}

function isWordless(state: Asked): boolean {
  return state.name === "thinking" || state.reply.text === "";
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
  const { core, turn } = state;
  if (isWordless(state) && failure.retryable && turn.requests < limits.requestsPerRoundMax) {
    return ask({ core, turn, again: "failure" }, out);
  }
  return giveUp(state.name === "replying" ? cutSpeech(core, out).core : core, turn, out);
}

/** Ends a turn that could not be answered, and the call after too many in sequence. */
function giveUp(core: Live, turn: Turn, out: Out): State {
  closeTurn(turn, "failed", out);
  const left = { ...core, failedTurns: core.failedTurns + 1 };
  if (left.failedTurns >= limits.failedTurnsMax)
    return hangUp(quiet(left, out), { reason: "model-failed", by: "system" }, out);
  return rest(left, out);
}

/** Writes a model's failure, which the application is told. */
export function writeFailure(state: Asked, failure: ModelFailure, out: Out): void {
  const { code, message, retryable, status, of: asked = state.turn.setup.model } = failure;
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
