import type { Tool } from "@offhook/protocol";
import type { ReadToolCall } from "./event.ts";
import { limits } from "./limits.ts";
import type { Call, Errand, Filler, StateOf } from "./state.ts";

type LineType = Tool["messages"][number]["type"];

/** What a tool has said for it at a moment; `""` for nothing. */
export function lineFor({ messages }: Pick<Tool, "messages">, type: LineType): string {
  return messages.find((message) => message.type === type)?.content ?? "";
}

/** A call that was just sent: how long it is waited for, and what is said meanwhile. */
export function pendingCall(given: {
  errand: Errand;
  tool: Tool;
  call: ReadToolCall;
  toolTimeoutMs: number;
}): Call {
  const { errand, tool, call } = given;
  const timeoutMs = tool.server === undefined ? given.toolTimeoutMs : tool.server.timeoutSeconds * 1_000;
  return {
    kind: "pending",
    ...errand,
    modelCallId: call.modelCallId,
    giveUpAt: errand.askedAt + timeoutMs + limits.toolGraceMs,
    fillers: fillersOf(tool, errand.askedAt),
    complete: lineFor(tool, "request-complete"),
    failed: lineFor(tool, "request-failed"),
  };
}

function fillersOf({ messages }: Tool, askedAt: number): Filler[] {
  return messages
    .filter(({ type, content }) => type === "request-response-delayed" && content.trim() !== "")
    .map(({ content, timingMilliseconds = limits.delayedFillerMs }) => ({
      at: askedAt + timingMilliseconds,
      text: content,
    }))
    .toSorted((one, other) => one.at - other.at);
}

/** The soonest filler of a call, taken off it. */
export function takeFiller(
  state: StateOf<"acting">,
  toolCallId: string,
): { state: StateOf<"acting">; text: string } {
  const call = state.calls.find((one) => one.kind === "pending" && one.toolCallId === toolCallId);
  if (call?.kind !== "pending") return { state, text: "" };
  const [first, ...fillers] = call.fillers;
  const calls = state.calls.map((one) => (one === call ? { ...call, fillers } : one));
  return { state: { ...state, calls }, text: first?.text ?? "" };
}
