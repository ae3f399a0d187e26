import type { EventView } from "@offhook/protocol";

/** That the assistant owes words: since when (epoch ms), whom one waits for, and when it is called a hang. */
export type Silence = { since: number; waitsFor: string; thresholdMs: number; isHang: boolean };

/**
 * Reads from a journal whether the assistant is silent. The clock starts with
 * the turn and anew with each content: words, or a tool call.
 */
export function silenceOf(events: readonly EventView[], lastWordsAt: number): Silence | undefined {
  const from = events.findLastIndex(({ data }) => data.type === "turn-started");
  const turn = events.slice(Math.max(from, 0));
  const [first] = turn;
  if (first?.data.type !== "turn-started") return undefined;
  if (turn.some(({ data }) => data.type === "turn-ended" || isOver(data))) return undefined;
  const asked = turn.filter(({ data }) => data.type === "tool-requested" && !data.async);
  const open = asked.findLast(
    ({ data }) => data.type === "tool-requested" && !isAnswered(turn, data.toolCallId),
  );
  return {
    since: Math.max(first.at, asked.at(-1)?.at ?? 0, lastWordsAt),
    waitsFor: open?.data.type === "tool-requested" ? `the tool ${open.data.name}` : "the model",
    thresholdMs: thresholdOf(events),
    isHang: turn.some(({ data }) => data.type === "hang"),
  };
}

function isOver(data: EventView["data"]): boolean {
  return data.type === "status-changed" && data.status === "finished";
}

function isAnswered(turn: readonly EventView[], toolCallId: string): boolean {
  return turn.some(({ data }) => data.type === "tool-answered" && data.toolCallId === toolCallId);
}

const usualThresholdMs = 5_000;

function thresholdOf([first]: readonly EventView[]): number {
  const given = first?.data.type === "call-created" ? first.data.assistant["hangThresholdMs"] : undefined;
  return typeof given === "number" ? given : usualThresholdMs;
}
