import { offhook } from "@offhook/client";
import type { Happening, SaidView } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { speak } from "./speak.ts";

const callId = "TC-00000000-0000-4000-8000-000000000000";
const ongoing: Happening = { type: "status-changed", status: "ongoing" };
const finished: Happening = { type: "status-changed", status: "finished", endedReason: "assistant-ended" };
const opened: Happening = { type: "turn-started", turnId: "1", cause: "user" };
const ended: Happening = { type: "turn-ended", turnId: "1", outcome: "answered" };
const said: SaidView = { messages: [], outcome: "answered" };

/** No answer: the server was killed meanwhile. */
const gone = "gone";
const heard: Happening = {
  type: "message-added",
  message: { messageId: "1", role: "user", text: "one", timestamp: 1 },
  heard: "whole",
};

/** A call whose journal grows by one of these with every look, and what was done in which order. */
function callOf(looks: readonly Happening[][], answers: readonly (SaidView | string)[] = []) {
  const done: string[] = [];
  const left = { looks: [...looks], answers: [...answers] };
  const client = offhook({
    url: "http://server.example.org",
    apiKey: "k",
    async fetch(url, { body } = {}) {
      const { pathname, searchParams } = new URL(url instanceof Request ? url.url : url);
      if (pathname.endsWith("/messages")) {
        done.push(`said ${typeof body === "string" ? body : "nothing"}`);
        const answer = left.answers.shift() ?? said;
        if (answer === gone) throw new TypeError("fetch failed");
        return typeof answer === "string" ? refused(answer) : Response.json(answer);
      }
      const look = left.looks.shift() ?? [];
      done.push(`looked ${look.map(({ type }) => type).join(", ")}`);
      const after = Number(searchParams.get("after"));
      const data = look.map((what, index) => eventOf(after + index + 1, what));
      return Response.json({ data, next: after + data.length, more: false });
    },
  });
  const say = (...lines: string[]) => speak({ client, callId, lines, signal: new AbortController().signal });
  return { done, say };
}

function eventOf(seq: number, data: Happening) {
  return { cursor: seq, seq, callId, at: 1, type: data.type, data, told: null };
}

function refused(code: string): Response {
  return Response.json({ type: "", title: "", status: 409, detail: "No.", code }, { status: 409 });
}

describe("speaking line by line", () => {
  it("waits until the call is ongoing and the welcome's turn has ended", async () => {
    const { done, say } = callOf([[], [ongoing, opened], [ended], []]);
    expect(await say("Hi")).toBe("said");
    expect(done).toEqual([
      "looked ",
      "looked status-changed, turn-started",
      "looked turn-ended",
      'said {"text":"Hi"}',
      "looked ",
    ]);
  });

  it("waits for a reply that took longer than its answer", async () => {
    const { done, say } = callOf(
      [[ongoing], [opened], [ended], []],
      [{ messages: [], outcome: "still-working" }],
    );
    await say("one", " ", "two");
    expect(done).toEqual([
      "looked status-changed",
      'said {"text":"one"}',
      "looked turn-started",
      "looked turn-ended",
      'said {"text":"two"}',
      "looked ",
    ]);
  });

  it.each<[string, Happening[], number]>([
    ["once when the server was gone after it had heard it", [heard], 1],
    ["again when the server was gone before it had heard it", [], 2],
  ])("says a line %s", async (_when, journal, times) => {
    const { done, say } = callOf([[ongoing], journal], [gone]);
    expect(await say("one")).toBe("said");
    expect(done.filter((one) => one.startsWith("said"))).toHaveLength(times);
  });

  it.each<[string, Happening[][], (SaidView | string)[], unknown]>([
    ["the call is over before the first line", [[ongoing, finished]], [], "over"],
    ["the call ends with the reply", [[ongoing], [finished]], [], "over"],
    ["the call is ending when it speaks", [[ongoing]], ["call-ending"], "over"],
    ["the call is finished when it speaks", [[ongoing]], ["call-finished"], "over"],
    ["it is refused for another reason", [[ongoing]], ["agenda-full"], { failure: "No." }],
  ])("stops when %s", async (_name, looks, answers, outcome) => {
    const { done, say } = callOf(looks, answers);
    expect(await say("one", "two")).toEqual(outcome);
    expect(done.filter((one) => one.startsWith("said")).length).toBeLessThan(2);
  });
});
