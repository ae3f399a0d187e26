import { expect, test } from "vitest";
import { eventsOf, modelContract, requestOf, textIn } from "./model-contract.ts";
import { called, failed, said, scriptedModel, stuck } from "./scripted-model.ts";
import { virtualClock } from "./virtual-clock.ts";

const tool = requestOf({ tools: [{ name: "findSlots", description: "", parameters: {} }] });

modelContract("scripted model", () => ({
  model: scriptedModel({
    clock: virtualClock(),
    replies: ({ tools }) =>
      tools.length > 0
        ? called([{ name: "findSlots", arguments: { day: "Tuesday" } }])
        : said("Good morning to you."),
  }),
  tool,
}));

test("events come at their times", async () => {
  const clock = virtualClock();
  const model = scriptedModel({ clock, replies: [said("one two three", { firstMs: 700, wordMs: 100 })] });
  const times: [number, string][] = [];
  const startedAt = clock.now();
  const reading = (async () => {
    for await (const event of model.stream(requestOf(), new AbortController().signal))
      times.push([clock.now() - startedAt, event.type]);
  })();
  await clock.advance(10_000);
  await reading;
  expect(times).toEqual([
    [700, "text"],
    [800, "text"],
    [900, "text"],
    [900, "finished"],
  ]);
});

test("replies in order, with ids of their own, and a sentence when none is left", async () => {
  const model = scriptedModel({
    clock: virtualClock(),
    replies: [
      called([{ name: "a" }, { name: "b", id: "mine" }], { say: "Let me see." }),
      called([{ name: "a" }]),
    ],
  });
  const first = await eventsOf(model, requestOf());
  expect(textIn(first)).toBe("Let me see.");
  expect(first.at(-1)).toMatchObject({ toolCalls: [{ id: "call_1_1", arguments: "{}" }, { id: "mine" }] });
  expect((await eventsOf(model, requestOf())).at(-1)).toMatchObject({ toolCalls: [{ id: "call_2_1" }] });
  expect(await eventsOf(model, requestOf())).toMatchObject([
    { type: "failed", failure: { code: "bad-answer" } },
  ]);
  expect(model.requests).toHaveLength(3);
});

test("a stuck model ends when it is called off, and only then", async () => {
  const clock = virtualClock();
  const model = scriptedModel({ clock, replies: [stuck()] });
  const calling = new AbortController();
  let ended = false;
  const events = eventsOf(model, requestOf(), calling.signal).finally(() => (ended = true));
  await clock.advance(3_600_000);
  expect(ended).toBe(false);
  calling.abort();
  expect(await events).toEqual([]);
  expect(model.calledOff()).toBe(1);
});

test("a failure after a while", async () => {
  const clock = virtualClock();
  const failure = { code: "timeout", message: "Too late.", retryable: true } as const;
  const events = eventsOf(scriptedModel({ clock, replies: [failed(failure, 500)] }), requestOf());
  await clock.advance(500);
  expect(await events).toEqual([{ type: "failed", failure }]);
});
