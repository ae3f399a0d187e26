import { describe, expect, test } from "vitest";
import type { ModelEvent, ModelFailure, ModelRequest } from "../model.ts";
import { modelContract, requestOf } from "../testing/model-contract.ts";
import { called, failed, said, scriptedModel, stuck, type TimedEvent } from "../testing/scripted-model.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { withFallbacks } from "./fallback.ts";

const down: ModelFailure = { code: "unreachable", message: "Nothing listens there.", retryable: true };
const keyless: ModelFailure = { code: "not-configured", message: "No key.", retryable: false };

const first = { provider: "openai", model: "one" } as const;
const second = { provider: "deepseek", model: "two" } as const;
const third = { provider: "custom-llm", model: "three", baseUrl: "http://127.0.0.1:1/v1" } as const;
const chain = {
  ...first,
  baseUrl: "http://first.example/v1",
  fallbacks: [second, third],
  fallbackAfterMs: 3_000,
};

/** Asks a chain in which each model does what its name says; time goes on until it has ended. */
async function asked(replies: Record<string, readonly TimedEvent[]>, signal = new AbortController().signal) {
  const clock = virtualClock();
  const model = scriptedModel({ clock, replies: (request) => replies[request.model] ?? stuck() });
  const events: ModelEvent[] = [];
  const began = clock.now();
  const over = { at: -1 };
  const read = async () => {
    for await (const event of withFallbacks(model, clock).stream(requestOf(chain), signal))
      events.push(event);
    over.at = clock.now() - began;
  };
  void read();
  await clock.until(() => over.at >= 0, 60_000).catch(() => undefined);
  return {
    events,
    requests: model.requests,
    tookMs: over.at,
    timersLeft: clock.waiting,
    calledOff: model.calledOff(),
  };
}

const modelsIn = (requests: readonly ModelRequest[]) => requests.map(({ model }) => model);

modelContract("a chain of one that works and one that does not matter", () => {
  const clock = virtualClock();
  const findSlots = { name: "findSlots", description: "", parameters: {} };
  const model = scriptedModel({
    clock,
    replies: ({ tools }) =>
      tools.length > 0
        ? called([{ name: "findSlots", arguments: { day: "Tuesday" } }])
        : said("Good morning to you."),
  });
  const chained = withFallbacks(model, clock);
  const withSecond = {
    stream: (request: ModelRequest, signal: AbortSignal) =>
      chained.stream({ ...request, fallbacks: [second] }, signal),
  };
  return { model: withSecond, tool: requestOf({ tools: [findSlots] }) };
});

describe("a chain of models", () => {
  test("asks only the first when it answers", async () => {
    const { events, requests, timersLeft } = await asked({ one: said("Hello there.") });
    expect(events.map(({ type }) => type)).toEqual(["text", "text", "finished"]);
    expect(modelsIn(requests)).toEqual(["one"]);
    expect(timersLeft).toBe(0);
  });

  test("asks the next when one fails, whatever the failure, each at its own server", async () => {
    const { events, requests } = await asked({
      one: failed(keyless),
      two: failed(down),
      three: said("Hello."),
    });
    expect(events).toEqual([
      { type: "failed-over", failure: { ...keyless, of: first }, to: second },
      {
        type: "failed-over",
        failure: { ...down, of: second },
        to: { provider: "custom-llm", model: "three" },
      },
      { type: "text", text: "Hello." },
      { type: "finished", toolCalls: [] },
    ]);
    expect(requests.map(({ baseUrl }) => baseUrl)).toEqual([chain.baseUrl, undefined, third.baseUrl]);
    expect(requests.every(({ fallbacks }) => fallbacks === undefined)).toBe(true);
  });

  test("asks the next when one is silent for too long, and calls the silent one off", async () => {
    const { events, tookMs, calledOff, timersLeft } = await asked({ one: stuck(), two: said("Hello.") });
    expect(events[0]).toMatchObject({
      type: "failed-over",
      failure: { code: "timeout", retryable: true },
      to: second,
    });
    expect(tookMs).toBe(3_000);
    expect(calledOff).toBe(1);
    expect(timersLeft).toBe(0);
  });

  test("blank text is no content", async () => {
    const blank: TimedEvent[] = [{ afterMs: 0, event: { type: "text", text: " " } }];
    expect(modelsIn((await asked({ one: blank, two: said("Hello.") })).requests)).toEqual(["one", "two"]);
  });

  test.each([
    ["words", said("Well, ", { firstMs: 2_999 }).slice(0, 1)],
    ["a tool call", called([{ name: "look" }], { firstMs: 2_999 }).slice(0, 1)],
  ])("stays with one that has given %s, though it fails later", async (_, begun) => {
    const { events, requests } = await asked({ one: [...begun, ...failed(down, 20_000)] });
    expect(modelsIn(requests)).toEqual(["one"]);
    expect(events.at(-1)).toEqual({ type: "failed", failure: { ...down, of: first } });
  });

  test("the last one has all the time there is, and its failure is the last", async () => {
    const { events, tookMs } = await asked({
      one: failed(down),
      two: failed(down),
      three: failed(down, 30_000),
    });
    expect(tookMs).toBe(30_000);
    expect(events.at(-1)).toEqual({
      type: "failed",
      failure: { ...down, of: { provider: "custom-llm", model: "three" } },
    });
  });

  test("nothing is asked any more once it is called off", async () => {
    const calling = new AbortController();
    calling.abort();
    const { events, requests } = await asked({ one: failed(down) }, calling.signal);
    expect(events).toEqual([]);
    expect(requests).toEqual([]);
  });
});
