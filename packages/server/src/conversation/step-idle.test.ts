import { describe, expect, it } from "vitest";
import { axesOf } from "./axes.ts";
import { limits } from "./limits.ts";
import type { Setup } from "./state.ts";
import { connected } from "./testing/talk.ts";

const idle = (changes: Partial<Setup["idle"]> = {}): Setup["idle"] => ({
  timeoutMs: 20_000,
  messages: ["Are you there?", "Hello?"],
  messagesMax: 3,
  ...changes,
});

describe("a user who says nothing", () => {
  it("is away after the timeout, not a moment before", () => {
    const call = connected().waits(19_999).wakes();
    expect(axesOf(call.state)?.user).toBe("listening");
    expect(axesOf(call.waits(1).wakes().state)?.user).toBe("away");
    expect(axesOf(call.hears("Yes").state)?.user).toBe("listening");
  });

  it("is asked for, in the order of the messages and over again, and then the call ends", () => {
    const call = connected({ idle: idle() });
    const said = [1, 2, 3, 4].map(() => call.waits(20_000).wakes().wrote);
    expect(said).toEqual([
      ["assistant: Are you there?"],
      ["assistant: Hello?"],
      ["assistant: Are you there?"],
      ["finished: idle-timeout by system"],
    ]);
  });

  it("is asked for anew after they spoke", () => {
    const call = connected({ idle: idle({ messagesMax: 1 }) })
      .waits(20_000)
      .wakes();
    call.hears("Yes").modelReplies("Good.").waits(20_000).wakes();
    expect(call.wrote).toEqual(["assistant: Are you there?"]);
  });

  it("has the timeout after each message was heard", () => {
    const call = connected({ playback: "reported", idle: idle() }).waits(20_000).wakes();
    expect(call.did).toEqual(['say "Are you there?"']);
    call.waits(3_000).playsOut().waits(19_999).wakes();
    expect(call.unchanged).toBe(true);
    expect(call.waits(1).wakes().did).toEqual(['say "Hello?"']);
  });

  it("is told goodbye before the end, and the call ends when it was heard", () => {
    const call = connected({
      playback: "reported",
      idle: idle({ messagesMax: 0 }),
      endCallMessage: "Goodbye.",
    });
    expect(call.waits(20_000).wakes().did).toEqual(['say "Goodbye."']);
    expect(call.playsOut().wrote).toEqual(["assistant: Goodbye.", "finished: idle-timeout by system"]);
  });

  it("ends nothing without idle messages, unless none is allowed", () => {
    const waits = connected().waits(20_000).wakes().waits(600_000).wakes();
    expect(waits.state.name).toBe("listening");
    const ends = connected({ idle: idle({ messages: [], messagesMax: 0 }) })
      .waits(20_000)
      .wakes();
    expect(ends.wrote).toEqual(["finished: idle-timeout by system"]);
  });

  it("is not away while they speak, while a model is asked, or while the assistant is muted", () => {
    const speaks = connected({ idle: idle() }).begins().waits(20_000).wakes();
    expect(speaks.unchanged).toBe(true);
    const asks = connected({ idle: idle(), hangThresholdMs: 600_000 }).hears("Hello").waits(20_000).wakes();
    expect(asks.unchanged).toBe(true);
    const muted = connected({ idle: idle() }).control({ type: "mute" }).waits(20_000).wakes();
    expect(muted.unchanged).toBe(true);
  });

  it("says something when there is noise, and is away again only after the timeout", () => {
    const call = connected({ idle: idle() }).waits(19_000).begins().fallsSilent().waits(19_999).wakes();
    expect(call.unchanged).toBe(true);
    expect(call.waits(1).wakes().wrote).toEqual(["assistant: Are you there?"]);
  });
});

describe("the warning before the longest duration", () => {
  const warned = (text: string | undefined) =>
    connected({ maxCallMs: 60_000, warning: { beforeMs: 15_000, text }, idle: idle({ timeoutMs: 600_000 }) });

  it("is said as it is written", () => {
    const call = warned("We have 15 seconds left.").waits(44_999).wakes();
    expect(call.unchanged).toBe(true);
    expect(call.waits(1).wakes().wrote).toEqual(["assistant: We have 15 seconds left."]);
    expect(call.waits(15_000).wakes().wrote).toEqual(["finished: max-duration by system"]);
  });

  it("is a turn of its own where nothing is written", () => {
    const call = warned(undefined).waits(45_000).wakes();
    expect(call.wrote).toEqual(["turn 1 begins: warning", "model asked for reply 1"]);
    expect(call.given.at(-1)).toContain("The call ends in 15 seconds.");
  });

  it("waits for the next pause", () => {
    const call = warned("Soon.").waits(44_000).hears("Hello").waits(1_000).wakes();
    expect(call.wrote).toEqual([]);
    expect(call.modelReplies("Good day.").wrote.at(-1)).toBe("assistant: Soon.");
  });

  it("comes once, and never in a call that is shorter", () => {
    const call = warned("Soon.").waits(45_000).wakes().wakes();
    expect(call.unchanged).toBe(true);
    const short = connected({ maxCallMs: 10_000, warning: { beforeMs: 15_000, text: "Soon." } }).waits(9_999);
    expect(short.wakes().unchanged).toBe(true);
  });

  it("is left out where too much waits already", () => {
    const call = warned("Soon.").hears("Hello").modelSays("Well");
    for (let count = 0; count < limits.agendaMax; count += 1) call.control({ type: "say", message: "Wait." });
    call.waits(45_000).wakes();
    expect(call.state.core.agenda.length).toBeLessThan(limits.agendaMax);
  });
});
