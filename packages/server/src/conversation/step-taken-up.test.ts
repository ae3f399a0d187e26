import { describe, expect, it } from "vitest";
import { limits } from "./limits.ts";
import { readBack } from "./read-back.ts";
import { asks, callId, setup } from "./testing/setup.ts";
import { journalOf, takesUp } from "./testing/taken-up.ts";
import { connected, type Talk, talk } from "./testing/talk.ts";

const plain = setup();

/** Tools that were waited for when the server was lost. */
const booking = (): Talk =>
  connected()
    .hears("Book it")
    .modelReplies("One moment.", asks("book"), asks("look", { at: 1 }));

describe("a chat whose server was lost", () => {
  it.each<[string, () => Talk, string[], string[]]>([
    ["before the line stood", () => talk().hears("Hello?"), ["taken-up"], []],
    ["while it listened", () => connected().hears("Hi").modelReplies("Hello."), ["taken-up"], []],
    [
      "while a model was asked asks it again in the same turn",
      () => connected().hears("Hi"),
      ["taken-up", "reply 1 discarded", "model asked for reply 2"],
      ["ask model 2"],
    ],
    [
      "while a reply came forgets it and asks again",
      () => connected().hears("Hi").modelSays("Hel"),
      ["taken-up", "reply 1 discarded", "model asked for reply 2"],
      ["ask model 2"],
    ],
    [
      "while tools were at work tells the model, and sends them no more",
      booking,
      [
        "taken-up",
        "tool 1 failed: server-lost",
        "tool_error: server-lost",
        "tool 2 failed: server-lost",
        "tool_error: server-lost",
        "model asked for reply 2",
      ],
      ["ask model 2"],
    ],
    [
      "while a tool was at work before the end ends it all the same",
      () => connected().hears("Bye").modelReplies("Good bye.", asks("book"), asks("endCall")),
      [
        "taken-up",
        "tool 1 failed: server-lost",
        "tool_error: server-lost",
        "turn 1 answered",
        "finished: assistant-ended by assistant",
      ],
      ["close"],
    ],
    [
      "while an async tool was at work says so on record only",
      () => connected().hears("Mail it").modelReplies("", asks("mail")).modelReplies("Done."),
      ["taken-up", "tool 1 failed: server-lost", "tool_error: server-lost"],
      [],
    ],
  ])("%s", (_when, begun, wrote, did) => {
    const call = takesUp(begun(), plain, 700);
    expect(call.wrote).toEqual(wrote);
    expect(call.did).toEqual(did);
  });

  it("gives the model all that was said, in order, and what became of the tools", () => {
    const call = takesUp(booking().hears("Or else"), plain, 700);
    expect(call.given).toEqual([
      "system: Be kind.",
      "user: Book it",
      "assistant: One moment.",
      expect.stringContaining('tool: {"error":"The server was lost'),
      expect.stringContaining('tool: {"error":"The server was lost'),
      "user: Or else",
    ]);
  });

  it("has a result that comes by control after all brought in", () => {
    const call = takesUp(booking(), plain, 700).modelReplies("Sorry.");
    call.control({ type: "tool-result", toolCallId: call.toolCallId(1), result: "booked" });
    expect(call.wrote).toEqual([
      "control tool-result",
      "turn 2 begins: tool-result",
      "model asked for reply 3",
    ]);
  });

  it("goes on with what waited, with the prompt that was set, muted if it was", () => {
    const call = connected().hears("Hi").control({ type: "update", prompt: "Be brief." });
    call.control({ type: "add-message", role: "system", text: "He is known.", respond: false });
    takesUp(call, plain, 700).modelReplies("Hello.").hears("And?");
    expect(call.given.slice(0, 1)).toEqual(["system: Be brief."]);
    expect(call.given).toContain("system: He is known.");
    const muted = takesUp(connected().control({ type: "mute" }), plain, 700).hears("Hi");
    expect(muted.state.name).toBe("listening");
  });

  it("raises a hang that came due meanwhile at once, and none that was raised before", () => {
    const call = takesUp(connected().hears("Hi"), plain, 6_000).wakes();
    expect(call.wrote).toEqual(["hang: model, 6000 ms"]);
    const hung = connected().hears("Hi").waits(5_000).wakes();
    expect(takesUp(hung, plain, 6_000).wakes().wrote).toEqual([]);
  });

  it("ends when its time was over meanwhile", () => {
    const call = takesUp(connected().hears("Hi"), plain, plain.maxCallMs);
    expect(call.wrote).toEqual([
      "taken-up",
      "reply 1 discarded",
      "turn 1 call-ended",
      "finished: server-lost by system",
    ]);
  });

  it("ends when it was taken up again and again and nothing else happened", () => {
    const call = connected().hears("Hi");
    for (let count = 0; count < limits.takeUpsMax; count += 1)
      expect(takesUp(call, plain, 100).state.name).toBe("thinking");
    expect(takesUp(call, plain, 100).wrote.at(-1)).toBe("finished: server-lost by system");
  });

  it("does not end where there was calm between, or something was said", () => {
    const calm = connected();
    for (let count = 0; count < 10; count += 1)
      takesUp(calm, setup({ maxCallMs: 86_400_000 }), limits.takeUpsCalmMs);
    expect(calm.state.name).toBe("listening");
    const busy = connected();
    for (let count = 0; count < 10; count += 1) takesUp(busy, plain, 100).hears(`Hi ${count}`);
    expect(busy.state.name).toBe("thinking");
  });

  it("is not read back from a journal that would not be written so", () => {
    const entries = journalOf(connected().hears("Hi").modelReplies("Hello."));
    const torn = entries.filter(({ what }) => what.type !== "turn-started");
    expect(readBack({ id: callId, setup: plain, entries: torn }, 2_000_000)).toBeUndefined();
  });

  it("gives tools that were set by control their secrets again, where the assistant has them", () => {
    const server = { url: "https://tools.example/run", method: "POST", timeoutSeconds: 5 } as const;
    const own = { name: "book", description: "", parameters: {}, async: false, messages: [] };
    const kept = setup({
      tools: [{ ...own, server: { ...server, secret: "s3cret", headers: { authorization: "me" } } }],
    });
    const call = connected(kept).control({
      type: "update",
      tools: [{ ...own, description: "Books", server: { ...server, headers: {} } }] as never,
    });
    const read = readBack({ id: callId, setup: kept, entries: journalOf(call) }, call.now);
    expect(read?.state.core.setup.tools[0]).toMatchObject({
      description: "Books",
      server: { secret: "s3cret", headers: { authorization: "me" } },
    });
  });
});
