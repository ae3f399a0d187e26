import type { LiveUpdate, WireMessage } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { Transcript } from "./transcript.ts";

const labels = { user: "You: ", assistant: "They: " };

function shown(
  updates: readonly LiveUpdate[],
  options: { showUser?: boolean; stream?: boolean } = {},
): string {
  let paper = "";
  const transcript = new Transcript(
    { write: (text) => (paper += text), note: (line) => (paper += `[${line}]\n`) },
    { showUser: true, stream: true, labels, ...options },
  );
  for (const update of updates) transcript.take(update);
  return paper;
}

const said = (messageId: string, text: string, role: WireMessage["role"] = "assistant"): LiveUpdate => ({
  type: "message",
  message: { messageId, role, text, timestamp: 1 },
});
const piece = (messageId: string, text: string): LiveUpdate => ({ type: "delta", messageId, text });

describe("a transcript", () => {
  it.each<[string, LiveUpdate[], string]>([
    ["a message", [said("1", "Hello.")], "They: Hello.\n"],
    ["what the user says", [said("1", "Hi!", "user"), said("2", "Hello.")], "You: Hi!\nThey: Hello.\n"],
    [
      "pieces once, though the whole follows",
      [piece("1", "Hel"), piece("1", "lo."), said("1", "Hello.")],
      "They: Hello.\n",
    ],
    ["the rest of a message that came in part", [piece("1", "Hel"), said("1", "Hello.")], "They: Hello.\n"],
    [
      "what was said of a reply that was cut off",
      [piece("1", "Hello, how"), said("1", "Hello,")],
      "They: Hello, how\n",
    ],
    [
      "a repetition only once",
      [said("1", "Hello."), said("1", "Hello."), piece("1", "late")],
      "They: Hello.\n",
    ],
    [
      "a word of the user in the middle of a reply",
      [piece("1", "Hel"), said("2", "Stop!", "user"), piece("3", "Oh.")],
      "They: Hel\nYou: Stop!\nThey: Oh.",
    ],
    [
      "the status beside it",
      [piece("1", "Bye"), { type: "status", status: "finished", endedReason: "user-hung-up" }],
      "They: Bye\n[— finished (user-hung-up)]\n",
    ],
    [
      "an error beside it",
      [{ type: "error", code: "timeout", message: "No answer." }],
      "[— error timeout: No answer.]\n",
    ],
    ["nothing that would steer the terminal", [said("1", "a\u001B[2Jb\r")], "They: a·[2Jb·\n"],
  ])("shows %s", (_name, updates, paper) => {
    expect(shown(updates)).toBe(paper);
  });

  it("leaves out what the user typed here", () => {
    expect(shown([said("1", "Hi!", "user"), said("2", "Hello.")], { showUser: false })).toBe(
      "They: Hello.\n",
    );
  });

  it("shows only whole messages when words are not to stream", () => {
    expect(shown([piece("1", "Hel"), said("1", "Hello.")], { stream: false })).toBe("They: Hello.\n");
    expect(shown([piece("1", "Hel")], { stream: false })).toBe("");
  });
});
