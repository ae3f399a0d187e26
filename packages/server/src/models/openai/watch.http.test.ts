import { describe, expect, test } from "vitest";
import { eventsOf, requestOf } from "../../testing/model-contract.ts";
import { againstFake } from "../../testing/openai-model.ts";
import { deltaChunk, type Reply, silence, textReply } from "../../testing/openai-replies.ts";
import { settled, virtualClock } from "../../testing/virtual-clock.ts";
import { modelLimits, type OpenAiModelOptions } from "../openai.ts";

describe("limits and calling off", () => {
  const { firstContentMs, totalMs } = modelLimits.conversation;

  async function waiting(reply: Reply, given: Partial<OpenAiModelOptions> = {}) {
    const clock = virtualClock();
    const { model, server } = await againstFake([reply], { clock, ...given });
    const calling = new AbortController();
    const events = eventsOf(model, requestOf(), calling.signal);
    const until = async (condition: () => boolean) => {
      for (let rounds = 0; !condition() && rounds < 2_000; rounds += 1) await settled(5);
    };
    await until(() => server.requests.length === 1 || given.fetch !== undefined);
    return { clock, events, server, calling, until };
  }

  test("no content in time, though the server accepted", async () => {
    const { clock, events, server, until } = await waiting(silence(600_000));
    await clock.advance(firstContentMs);
    expect(await events).toEqual([
      {
        type: "failed",
        failure: {
          code: "timeout",
          message: "The openai model server accepted the request but began no answer in time.",
          retryable: true,
        },
      },
    ]);
    expect(clock.waiting).toBe(0);
    await until(() => server.abandoned() === 1);
    expect(server.abandoned()).toBe(1);
  });

  test("thoughts and empty deltas are no content", async () => {
    const { clock, events } = await waiting({
      kind: "stream",
      steps: [
        { kind: "chunk", chunk: deltaChunk({ content: "", reasoning_content: "…" }) },
        { kind: "wait", ms: 600_000 },
      ],
    });
    await settled(200);
    await clock.advance(firstContentMs);
    expect(await events).toMatchObject([{ type: "failed", failure: { code: "timeout" } }]);
  });

  test("content that never ends", async () => {
    const { clock, events } = await waiting({
      kind: "stream",
      steps: [
        { kind: "chunk", chunk: deltaChunk({ content: "Well" }) },
        { kind: "wait", ms: 600_000 },
      ],
    });
    let ended = false;
    void events.then(() => (ended = true));
    for (let rounds = 0; clock.waiting === 2 && rounds < 2_000; rounds += 1) await settled(5);
    await clock.advance(totalMs - 1);
    expect(ended).toBe(false);
    await clock.advance(1);
    expect(await events).toMatchObject([
      { type: "text", text: "Well" },
      {
        type: "failed",
        failure: { code: "timeout", message: "The openai model server did not finish its answer in time." },
      },
    ]);
  });

  test("called off, it ends and lets go of the connection", async () => {
    const { clock, events, server, calling, until } = await waiting(silence(600_000));
    calling.abort();
    expect(await events).toEqual([]);
    expect(clock.waiting).toBe(0);
    await until(() => server.abandoned() === 1);
    expect(server.abandoned()).toBe(1);
  });

  test("even a fetch that hears no signal holds nobody", async () => {
    const { clock, events } = await waiting(silence(1), { fetch: () => new Promise(() => {}) });
    await clock.advance(firstContentMs);
    expect(await events).toMatchObject([{ type: "failed", failure: { code: "timeout" } }]);
  });

  test("a listener who leaves midway closes the connection", async () => {
    const clock = virtualClock();
    const { model, server } = await againstFake(
      [textReply("one two three four", { pieces: 4, pauseMs: 20 })],
      {
        clock,
      },
    );
    for await (const event of model.stream(requestOf(), new AbortController().signal))
      if (event.type === "text") break;
    for (let rounds = 0; server.abandoned() === 0 && rounds < 2_000; rounds += 1) await settled(5);
    expect(server.abandoned()).toBe(1);
    expect(clock.waiting).toBe(0);
  });
});
