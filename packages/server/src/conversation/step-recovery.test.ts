import { describe, expect, it } from "vitest";
import { asks } from "./testing/setup.ts";
import { connected, type Talk } from "./testing/talk.ts";

const threshold = 5_000;
const hung = (changes: Parameters<typeof connected>[0]): Talk =>
  connected(changes).hears("Hello").waits(threshold).wakes();

describe("a hang that says something", () => {
  const says = { hangRecovery: { say: "One moment, please." } } as const;

  it("says it once, as a message that the model is not given", () => {
    const call = hung(says);
    expect(call.wrote).toEqual([`hang: model, ${threshold} ms`, "assistant (filler): One moment, please."]);
    expect(call.did).toEqual(['say "One moment, please."']);
    call.modelReplies("Here I am.").hears("And?");
    expect(call.given.slice(1)).toEqual(["user: Hello", "assistant: Here I am.", "user: And?"]);
  });

  it("is still a hang: what was said is no content", () => {
    const call = hung({ ...says, playback: "reported" })
      .waits(1_000)
      .playsOut();
    expect(call.wrote).toEqual(["assistant (filler): One moment, please."]);
    expect(call.waits(1_000).modelSays("Here").wrote).toEqual([`recovered after ${threshold + 2_000} ms`]);
  });

  it("says it while a tool is waited for too", () => {
    const call = connected(says).hears("Book").modelFinishes(asks("book")).waits(threshold).wakes();
    expect(call.did).toEqual(['say "One moment, please."']);
    expect(call.toolAnswers(1, "Booked.").given.slice(-1)).toEqual(["tool: Booked."]);
  });

  it("says nothing while nothing is played anyway", () => {
    const call = connected({ ...says, playback: "reported" })
      .hears("Hello")
      .modelReplies("Hi.");
    expect(call.waits(threshold).wakes().did).toEqual([]);
  });
});

describe("a hang that asks another model", () => {
  const another = { hangRecovery: { model: "macaw" } } as const;

  it("drops the request that hangs, and asks again", () => {
    const call = hung(another);
    expect(call.wrote).toEqual([
      `hang: model, ${threshold} ms`,
      "reply 1 discarded",
      "model asked for reply 2 of macaw",
    ]);
    expect(call.did).toEqual(["stop model 1", "ask model 2"]);
    expect(call.request?.settings).toMatchObject({ provider: "custom-llm", model: "macaw" });
    expect(call.given.slice(1)).toEqual(["user: Hello"]);
  });

  it("makes the late reply of the first nothing", () => {
    const call = hung(another);
    const [first = ""] = call.replyIds;
    expect(call.modelSays("Late", first).unchanged).toBe(true);
    call.send({ type: "model-finished", replyId: first, toolCalls: [asks("endCall")] });
    expect(call.unchanged).toBe(true);
    expect(call.modelReplies("In time.").wrote).toContain("assistant: In time.");
  });

  it("is recovered from when the other one speaks, and does so once in a turn", () => {
    const call = hung(another).waits(threshold).wakes();
    expect(call.unchanged).toBe(true);
    expect(call.modelSays("Hi").wrote).toEqual([`recovered after ${threshold * 2} ms`]);
  });

  it("keeps the other one for the rest of the turn, and goes back to the first in the next", () => {
    const call = hung(another).modelFinishes(asks("book")).toolAnswers(1, "Booked.");
    expect(call.request?.settings.model).toBe("macaw");
    expect(call.modelReplies("Done.").hears("And?").request?.settings.model).toBe("parrot");
  });

  it("names the model that failed", () => {
    const call = hung(another).modelFails({ code: "refused", message: "No.", retryable: false });
    expect(call.entries.find(({ type }) => type === "error")).toMatchObject({
      error: { details: { model: "macaw" } },
    });
  });

  it("does nothing to a tool that is waited for", () => {
    const call = connected(another).hears("Book").modelFinishes(asks("book")).waits(threshold).wakes();
    expect(call.did).toEqual([]);
    expect(call.state.name).toBe("acting");
  });
});
