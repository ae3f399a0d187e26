import type { ToolHttp, ToolOutcome } from "@offhook/protocol";
import type { Out } from "./effect.ts";
import { answerOf, close } from "./end.ts";
import type { ReadToolCall } from "./event.ts";
import { limits } from "./limits.ts";
import { keyOf } from "./same-call.ts";
import type { After, Call, Ending, Live, Remembered, State, StateOf, Turn } from "./state.ts";
import { lineFor, pendingCall } from "./tool-lines.ts";
import { ask, closeTurn, fill, mint, remember } from "./turn.ts";

/** The tools of a reply at work: how far the calls have come, and what follows them. */
type Work = { core: Live; turn: Turn; calls: Call[]; ending: Ending | undefined; openings: string[] };

/** Asks the tools that a kept reply calls for. */
export function act(
  state: StateOf<"replying">,
  kept: { toolCalls: readonly ReadToolCall[]; ending: Ending | undefined },
  out: Out,
): State {
  const { reply, turn } = state;
  const toolCalls = kept.toolCalls.map((call) => ({
    id: call.modelCallId,
    name: call.name,
    arguments: call.arguments.kind === "read" ? JSON.stringify(call.arguments.value) : "{}",
  }));
  const { messageId, text } = reply;
  let work: Work = {
    core: remember(state.core, { role: "assistant", text, toolCalls, messageId }),
    turn,
    calls: [],
    ending: kept.ending,
    openings: [],
  };
  for (const call of kept.toolCalls) work = begin(work, call, out);
  const after: After = work.ending === undefined ? { kind: "think" } : { kind: "close", ending: work.ending };
  const next = { ...work.turn, rounds: turn.rounds + 1, requests: 0, quietSince: out.now };
  let { core } = work;
  for (const line of new Set(work.openings)) core = fill(core, { text: line, turn: next }, out);
  return settle({ name: "acting", core, turn: next, calls: work.calls, meanwhile: [], after }, out);
}

function begin(work: Work, call: ReadToolCall, out: Out): Work {
  const { setup } = work.turn;
  const { core, id } = mint(work.core, "toolCalls");
  const tool = setup.tools.find(({ name }) => name === call.name);
  const builtIn = setup.builtIns.find((name) => name === call.name);
  out.entries.push({
    type: "tool-requested",
    toolCallId: id,
    modelCallId: call.modelCallId,
    turnId: work.turn.id,
    name: call.name,
    arguments: call.arguments.kind === "read" ? call.arguments.value : {},
    async: tool?.async ?? false,
  });
  const next = { ...work, core };
  if (work.calls.length >= limits.toolCallsPerReplyMax)
    return refuse(next, { call, id, error: tooMany }, out);
  if (call.arguments.kind === "broken") return misfit(next, { call, id, fault: call.arguments.fault }, out);
  if (builtIn !== undefined) return beginBuiltIn(next, { call, id, builtIn }, out);
  if (tool === undefined) return refuse(next, { call, id, error: unknownTool(work.turn, call.name) }, out);
  const { value } = call.arguments;
  const key = keyOf(call.name, value);
  const twin = work.calls.find((one) => one.kind === "pending" && one.key === key);
  if (twin?.kind === "pending") return shareAnswer(next, { call, id, as: twin.toolCallId }, out);
  if (core.background.some((errand) => errand.key === key)) return underWay(next, { call, id }, out);
  out.effects.push({
    type: "ask-tool",
    toolCallId: id,
    modelCallId: call.modelCallId,
    tool,
    arguments: value,
  });
  const opening = lineFor(tool, "request-start");
  const sent = { ...next, openings: opening === "" ? work.openings : [...work.openings, opening] };
  if (tool.async) return goOn(sent, { call, id, key }, out);
  const errand = { toolCallId: id, name: call.name, key, askedAt: out.now };
  const { toolTimeoutMs } = setup;
  return { ...sent, calls: [...work.calls, pendingCall({ errand, tool, call, toolTimeoutMs })] };
}

type Called = { call: ReadToolCall; id: string };

/** An async tool: for the model it is accepted; its answer is recorded when it comes. */
function goOn(work: Work, { call, id, key }: Called & { key: string }, out: Out): Work {
  const { core } = work;
  const background = [...core.background, { toolCallId: id, name: call.name, key, askedAt: out.now }];
  const open = [...core.open, { toolCallId: id, name: call.name }];
  const text = JSON.stringify({ status: "accepted", note: "It is being done; do not wait for it." });
  const left = { ...work, core: { ...core, background, open } };
  return note(left, { call, id, text });
}

/** The same call twice in a reply is sent once; both have its answer. */
function shareAnswer(work: Work, { call, id, as }: Called & { as: string }, out: Out): Work {
  writeSame({ call, id }, `The same call as ${as}: it is sent once.`, out);
  const { modelCallId, name } = call;
  return { ...work, calls: [...work.calls, { kind: "same", modelCallId, name, as }] };
}

/** The same call as one that is still on its way is not sent again. */
function underWay(work: Work, { call, id }: Called, out: Out): Work {
  const status = "The same call is already being done; do not wait for it.";
  writeSame({ call, id }, status, out);
  return note(work, { call, id, text: JSON.stringify({ status }) });
}

function writeSame({ call, id }: Called, result: string, out: Out): void {
  const outcome: ToolOutcome = { kind: "result", result, understoodAs: "same-call" };
  writeAnswer({ toolCallId: id, name: call.name, outcome, elapsedMs: 0 }, out);
}

function beginBuiltIn(work: Work, called: Called & { builtIn: "endCall" | "callForward" }, out: Out): Work {
  const { forwardTo } = work.turn.setup;
  if (called.builtIn === "callForward" && forwardTo === undefined) {
    return refuse(
      work,
      { ...called, error: "There is no number to forward to: callForwardData is not set." },
      out,
    );
  }
  const ending: Ending =
    called.builtIn === "endCall" || forwardTo === undefined
      ? { reason: "assistant-ended", by: "assistant" }
      : { reason: "forwarded", by: "assistant", forwardedTo: forwardTo };
  const outcome: ToolOutcome = { kind: "result", result: "done", understoodAs: "built-in" };
  writeAnswer({ toolCallId: called.id, name: called.call.name, outcome, elapsedMs: 0 }, out);
  return note(
    { ...work, ending: work.ending ?? ending },
    { ...called, text: "It is done once your words were heard." },
  );
}

/** A call that is not sent, since it cannot be: the model is told why. */
function refuse(work: Work, { call, id, error }: Called & { error: string }, out: Out): Work {
  const outcome: ToolOutcome = { kind: "error", code: "not-sent", error };
  writeAnswer({ toolCallId: id, name: call.name, outcome, elapsedMs: 0 }, out);
  return note(work, { call, id, text: textFor(outcome) });
}

/** Arguments that do not fit: the first time in a turn the model is told and may mend them, then it is an error. */
function misfit(work: Work, { call, id, fault }: Called & { fault: string }, out: Out): Work {
  const { turn } = work;
  if (turn.misfits.includes(call.name)) return refuse(work, { call, id, error: fault }, out);
  const outcome: ToolOutcome = { kind: "error", code: "bad-arguments", error: fault };
  out.entries.push({ type: "tool-answered", toolCallId: id, name: call.name, outcome, elapsedMs: 0 });
  const told = { ...work, turn: { ...turn, misfits: [...turn.misfits, call.name] } };
  return note(told, { call, id, text: textFor(outcome) });
}

function note(work: Work, { call, id, text }: Called & { text: string }): Work {
  const { modelCallId, name } = call;
  return { ...work, calls: [...work.calls, { kind: "answered", toolCallId: id, modelCallId, name, text }] };
}

export type Given = { toolCallId: string; outcome: ToolOutcome; http?: ToolHttp };

/** A tool of the turn has answered, or was given up. */
export function answer(state: StateOf<"acting">, given: Given, out: Out): State {
  const call = state.calls.find((one) => one.kind === "pending" && one.toolCallId === given.toolCallId);
  if (call?.kind !== "pending") return state;
  const { outcome, http } = given;
  const reached = http === undefined ? {} : { http };
  const elapsedMs = out.now - call.askedAt;
  writeAnswer({ toolCallId: call.toolCallId, name: call.name, outcome, elapsedMs, ...reached }, out);
  const { toolCallId, modelCallId, name } = call;
  const done: Call = { kind: "answered", toolCallId, modelCallId, name, text: textFor(outcome) };
  const line = outcome.kind === "error" ? call.failed : call.complete;
  const core = fill(state.core, { text: line, turn: state.turn }, out);
  return settle({ ...state, core, calls: state.calls.map((one) => (one === call ? done : one)) }, out);
}

/** Goes on when the last tool has answered and the user is silent. */
export function settle(state: StateOf<"acting">, out: Out): State {
  const { core, turn, calls, meanwhile, after } = state;
  if (core.user.kind === "speaking" || calls.some(({ kind }) => kind === "pending")) return state;
  const results = calls.map((call): Remembered => {
    const text = answerOf(call, calls) ?? "";
    return { role: "tool", toolCallId: call.modelCallId, name: call.name, text };
  });
  const next = remember(core, ...results, ...meanwhile);
  if (after.kind === "think") return ask({ core: next, turn }, out);
  closeTurn(turn, "answered", out);
  return close(next, after.ending, out);
}

type Answered = {
  toolCallId: string;
  name: string;
  outcome: ToolOutcome;
  elapsedMs: number;
  http?: ToolHttp;
};

/** Writes a tool's answer; a failure is told to the application too. */
export function writeAnswer(answered: Answered, out: Out): void {
  out.entries.push({ type: "tool-answered", ...answered });
  const { outcome, name, toolCallId } = answered;
  if (outcome.kind !== "error") return;
  out.entries.push({
    type: "error",
    error: {
      type: "tool_error",
      code: outcome.code,
      message: outcome.error,
      provider: name,
      retryable: false,
      details: { toolCallId, toolName: name },
    },
  });
}

/** What the model is given of an outcome: text as it is, anything else as JSON. */
function textFor(outcome: ToolOutcome): string {
  if (outcome.kind === "error") return JSON.stringify({ error: outcome.error });
  return typeof outcome.result === "string" ? outcome.result : JSON.stringify(outcome.result);
}

const tooMany = `More than ${limits.toolCallsPerReplyMax} tool calls in one reply: this one was not sent.`;

function unknownTool({ setup }: Turn, name: string): string {
  const names = [...setup.tools.map((tool) => tool.name), ...setup.builtIns];
  return `There is no tool named ${name}. ${names.length === 0 ? "There are none." : `There are: ${names.join(", ")}.`}`;
}
