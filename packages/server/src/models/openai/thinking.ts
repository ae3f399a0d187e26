/**
 * Models that think aloud (DeepSeek R1, Qwen 3) begin their reply with
 * `<think>…</think>` where their server does not take it out. It is not meant
 * for the caller.
 */
export type Thinking =
  | { stage: "undecided"; held: string }
  | { stage: "thinking"; held: string; end: string }
  | { stage: "speaking" };

const tags = ["think", "thinking"] as const;

export const notYetSpeaking: Thinking = { stage: "undecided", held: "" };

/** Takes more of a reply; answers what of it is for the caller. */
export function withoutThinking(before: Thinking, text: string): { thinking: Thinking; text: string } {
  if (before.stage === "speaking") return { thinking: before, text };
  const held = (before.held + text).trimStart();
  if (before.stage === "thinking") return endThinking(before, held);
  for (const tag of tags) {
    const start = `<${tag}>`;
    if (held.startsWith(start)) return endThinking({ stage: "thinking", held, end: `</${tag}>` }, held);
  }
  if (tags.some((tag) => `<${tag}>`.startsWith(held)))
    return { thinking: { stage: "undecided", held }, text: "" };
  return { thinking: { stage: "speaking" }, text: held };
}

/** What was held back of a reply that is over. */
export function heldBack(thinking: Thinking): string {
  return thinking.stage === "undecided" ? thinking.held : "";
}

function endThinking(
  before: Thinking & { stage: "thinking" },
  held: string,
): { thinking: Thinking; text: string } {
  const at = held.indexOf(before.end);
  if (at !== -1) return withoutThinking(notYetSpeaking, held.slice(at + before.end.length));
  // Only as much is kept as may be the beginning of the end.
  return { thinking: { ...before, held: held.slice(1 - before.end.length) }, text: "" };
}
