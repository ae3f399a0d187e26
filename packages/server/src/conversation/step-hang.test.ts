import { describe, expect, it } from "vitest";
import { asks, busy, toolElsewhere } from "./testing/setup.ts";
import { connected } from "./testing/talk.ts";

const threshold = 5_000;

describe("hang", () => {
  it("is written when the model has given nothing for the threshold, not a moment before", () => {
    const call = connected()
      .hears("Hello")
      .waits(threshold - 1)
      .wakes();
    expect(call.unchanged).toBe(true);
    call.waits(1).wakes();
    expect(call.entries.at(-1)).toEqual({
      type: "hang",
      hang: { turnId: expect.any(String), phase: "model", elapsedMs: threshold, thresholdMs: threshold },
    });
    expect(call.state.name).toBe("thinking");
    expect(call.did).toEqual([]);
  });

  it("is written once in a turn", () => {
    const call = connected().hears("Hello").waits(threshold).wakes().waits(threshold).wakes();
    expect(call.unchanged).toBe(true);
  });

  it("tells the true time when it is noticed late", () => {
    expect(
      connected()
        .hears("Hello")
        .waits(threshold + 700)
        .wakes().wrote,
    ).toEqual([`hang: model, ${threshold + 700} ms`]);
  });

  it("follows the assistant's own threshold", () => {
    const call = connected({ hangThresholdMs: 100 }).hears("Hello").waitsForDeadline();
    expect(call.wrote).toEqual(["hang: model, 100 ms"]);
  });

  it("is followed by its recovery when text comes after all", () => {
    const call = connected().hears("Hello").waitsForDeadline().waits(2_000).modelSays("Sorry.");
    expect(call.wrote).toEqual([`recovered after ${threshold + 2_000} ms`]);
  });

  it("is followed by its recovery when a tool call comes after all", () => {
    const call = connected().hears("Hello").waitsForDeadline().waits(1_000).modelBeginsCall("book");
    expect(call.wrote).toEqual([`recovered after ${threshold + 1_000} ms`]);
  });

  it("is followed by its recovery when a whole reply of tool calls comes at once", () => {
    const call = connected().hears("Hello").waitsForDeadline().modelFinishes(asks("book"));
    expect(call.wrote).toEqual([`recovered after ${threshold} ms`, "reply 1 kept", "tool 1 asked: book"]);
  });

  it("is not taken back by blank text", () => {
    expect(connected().hears("Hello").waitsForDeadline().modelSays(" ").unchanged).toBe(true);
  });

  it("is recovered from once", () => {
    const call = connected()
      .hears("Hello")
      .waitsForDeadline()
      .modelSays("Sorry.")
      .modelReplies("", asks("book"));
    call
      .waits(threshold * 2)
      .wakes()
      .toolAnswers(1, "Booked.")
      .modelSays("Done.");
    expect(call.journal.filter((line) => line.startsWith("recovered"))).toHaveLength(1);
  });

  it("names the tool that is waited for", () => {
    const call = connected().hears("Book").modelReplies("One moment.", asks("look"), asks("book"));
    call.toolAnswers(1, "Seen.").waits(threshold).wakes();
    expect(call.entries.at(-1)).toMatchObject({ type: "hang", hang: { phase: "tool", toolName: "book" } });
  });

  it("counts from the last content, which is the first of a reply", () => {
    const call = connected().hears("Book").waits(3_000).modelReplies("One moment.", asks("book"));
    expect(call.waits(threshold - 1).wakes().unchanged).toBe(true);
    expect(call.waits(1).wakes().wrote).toEqual([`hang: book, ${threshold} ms`]);
  });

  it("counts the model's silence after a tool's answer together with the tool's own", () => {
    const call = connected().hears("Book").modelReplies("One moment.", asks("book"));
    call.waits(3_000).toolAnswers(1, "Booked.").waits(2_000).wakes();
    expect(call.wrote).toEqual([`hang: model, ${threshold} ms`]);
  });

  it("is not written a second time in the turn for a tool, nor after a repeat", () => {
    const call = connected().hears("Book").waitsForDeadline().modelFails(busy).waits(threshold).wakes();
    expect(call.unchanged).toBe(true);
    call.modelReplies("One moment.", asks("book")).waits(threshold).wakes();
    expect(call.unchanged).toBe(true);
  });

  it("is not written while a reply is said", () => {
    expect(
      connected()
        .hears("Hello")
        .modelSays("Well")
        .waits(threshold * 3)
        .wakes().unchanged,
    ).toBe(true);
  });

  it("is not written while nobody has asked anything", () => {
    expect(
      connected()
        .waits(threshold * 3)
        .wakes().unchanged,
    ).toBe(true);
  });

  it("may be written again in the next turn", () => {
    const call = connected().hears("Hello").waitsForDeadline().hears("Hello?").waits(threshold).wakes();
    expect(call.wrote).toEqual([`hang: model, ${threshold} ms`]);
  });

  it("begins to count anew when the user speaks while tools are at work", () => {
    const call = connected().hears("Book").modelFinishes(asks("book")).waits(3_000).hears("Well?");
    expect(call.waits(2_000).wakes().unchanged).toBe(true);
    expect(call.waits(3_000).wakes().wrote).toEqual([`hang: book, ${threshold} ms`]);
  });

  it("does not end a tool's time", () => {
    const call = connected({ tools: [toolElsewhere("book", 30)] })
      .hears("Book")
      .modelFinishes(asks("book"));
    call.waitsForDeadline().waits(20_000).toolAnswers(1, "Booked.");
    expect(call.wrote).toEqual(["tool 1 answered: Booked.", "model asked for reply 2"]);
  });
});
