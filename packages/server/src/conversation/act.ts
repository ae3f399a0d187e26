import type { Tool, ToolOutcome } from "@offhook/protocol";
import type { Out } from "./effect.ts";
import { close } from "./end.ts";
import type { ReadToolCall } from "./event.ts";
import { limits } from "./limits.ts";
import type { After, Call, Ending, Live, Setup, State, StateOf } from "./state.ts";
import { ask, closeTurn, mint, remember } from "./turn.ts";

/** The tools of a reply at work: how far the calls have come, and what follows them. */
type Work = { core: Live; setup: Setup; calls: Call[]; ending: Ending | undefined };

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
  let work: Work = {
    core: remember(state.core, { role: "assistant", text: reply.text, toolCalls }),
    setup: turn.setup,
    calls: [],
    ending: kept.ending,
  };
  for (const call of kept.toolCalls) work = begin(work, { call, turnId: turn.id }, out);
  const lastWords = reply.text === "" ? null : reply.messageId;
  const after: After =
    work.ending === undefined ? { kind: "think" } : { kind: "close", ending: work.ending, lastWords };
  const next = { ...turn, rounds: turn.rounds + 1, requests: 0, quietSince: out.now };
  return settle(
    { name: "acting", core: work.core, turn: next, calls: work.calls, meanwhile: [], after },
    out,
  );
}

type Begun = { call: ReadToolCall; turnId: string };

function begin(work: Work, begun: Begun, out: Out): Work {
  const { call } = begun;
  const { setup } = work;
  const { core, id } = mint(work.core, "toolCalls");
  const tool = setup.tools.find(({ name }) => name === call.name);
  const builtIn = setup.builtIns.find((name) => name === call.name);
  out.entries.push({
    type: "tool-requested",
    toolCallId: id,
    modelCallId: call.modelCallId,
    turnId: begun.turnId,
    name: call.name,
    arguments: call.arguments.kind === "read" ? call.arguments.value : {},
    async: tool?.async ?? false,
  });
  const next = { ...work, core };
  if (work.calls.length >= limits.toolCallsPerReplyMax)
    return refuse(next, { call, id, error: tooMany }, out);
  if (call.arguments.kind === "broken") return refuse(next, { call, id, error: call.arguments.fault }, out);
  if (builtIn !== undefined) return beginBuiltIn(next, { call, id, builtIn }, out);
  if (tool === undefined) return refuse(next, { call, id, error: unknownTool(setup, call.name) }, out);
  out.effects.push({
    type: "ask-tool",
    toolCallId: id,
    modelCallId: call.modelCallId,
    tool,
    arguments: call.arguments.value,
  });
  return tool.async ? goOn(next, { call, id }, out) : waitFor(next, { call, id, tool }, out);
}

type Called = { call: ReadToolCall; id: string };

function waitFor(work: Work, { call, id, tool }: Called & { tool: Tool }, out: Out): Work {
  const timeoutMs = tool.server === undefined ? work.setup.toolTimeoutMs : tool.server.timeoutSeconds * 1_000;
  const pending: Call = {
    kind: "pending",
    toolCallId: id,
    modelCallId: call.modelCallId,
    name: call.name,
    askedAt: out.now,
    giveUpAt: out.now + timeoutMs + limits.toolGraceMs,
  };
  return { ...work, calls: [...work.calls, pending] };
}

/** An async tool: for the model it is accepted; its answer is recorded when it comes. */
function goOn(work: Work, { call, id }: Called, out: Out): Work {
  const { core } = work;
  const background = [...core.background, { toolCallId: id, name: call.name, askedAt: out.now }];
  const open = [...core.open, { toolCallId: id, name: call.name }];
  const text = JSON.stringify({ status: "accepted", note: "It is being done; do not wait for it." });
  const left = { ...work, core: { ...core, background, open } };
  return note(left, { call, text });
}

function beginBuiltIn(work: Work, called: Called & { builtIn: "endCall" | "callForward" }, out: Out): Work {
  const { forwardTo } = work.setup;
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
  out.entries.push({
    type: "tool-answered",
    toolCallId: called.id,
    name: called.call.name,
    outcome,
    elapsedMs: 0,
  });
  return note({ ...work, ending: work.ending ?? ending }, { call: called.call, text: "done" });
}

/** A call that is not sent, since it cannot be: the model is told why. */
function refuse(work: Work, { call, id, error }: Called & { error: string }, out: Out): Work {
  const outcome: ToolOutcome = { kind: "error", code: "not-sent", error };
  writeAnswer({ toolCallId: id, name: call.name, outcome, elapsedMs: 0 }, out);
  return note(work, { call, text: textFor(outcome) });
}

function note(work: Work, { call, text }: { call: ReadToolCall; text: string }): Work {
  return {
    ...work,
    calls: [...work.calls, { kind: "answered", modelCallId: call.modelCallId, name: call.name, text }],
  };
}

/** A tool of the turn has answered, or was given up. */
export function answer(
  state: StateOf<"acting">,
  given: { toolCallId: string; outcome: ToolOutcome },
  out: Out,
): State {
  const call = state.calls.find((one) => one.kind === "pending" && one.toolCallId === given.toolCallId);
  if (call?.kind !== "pending") return state;
  writeAnswer({ ...given, name: call.name, elapsedMs: out.now - call.askedAt }, out);
  const done: Call = {
    kind: "answered",
    modelCallId: call.modelCallId,
    name: call.name,
    text: textFor(given.outcome),
  };
  return settle({ ...state, calls: state.calls.map((one) => (one === call ? done : one)) }, out);
}

/** Goes on when the last tool has answered. */
function settle(state: StateOf<"acting">, out: Out): State {
  const { core, turn, calls, meanwhile, after } = state;
  if (calls.some(({ kind }) => kind === "pending")) return state;
  const results = calls.flatMap((call) =>
    call.kind === "answered"
      ? [{ role: "tool" as const, toolCallId: call.modelCallId, name: call.name, text: call.text }]
      : [],
  );
  const next = remember(core, ...results, ...meanwhile);
  if (after.kind === "think") return ask(next, turn, out);
  closeTurn(turn, "answered", out);
  return close(next, after, out);
}

/** Writes a tool's answer; a failure is told to the application too. */
export function writeAnswer(
  answered: { toolCallId: string; name: string; outcome: ToolOutcome; elapsedMs: number },
  out: Out,
): void {
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

function unknownTool(setup: Setup, name: string): string {
  const names = [...setup.tools.map((tool) => tool.name), ...setup.builtIns];
  return `There is no tool named ${name}. ${names.length === 0 ? "There are none." : `There are: ${names.join(", ")}.`}`;
}
