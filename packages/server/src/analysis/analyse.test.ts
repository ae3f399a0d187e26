import { analysis } from "@offhook/protocol";
import { describe, expect, it } from "vitest";
import { type Clock, sleep } from "../clock.ts";
import type { Model, ModelEvent, ModelFailure } from "../model.ts";
import { failed, said, stuck } from "../testing/scripted-model.ts";
import { virtualClock } from "../testing/virtual-clock.ts";
import { analyse } from "./analyse.ts";
import { limits } from "./limits.ts";
import {
  allPlans,
  analysed,
  finish,
  good,
  inTimeOf,
  never,
  only,
  openQueue,
  schema,
} from "./testing/analysed.ts";
import { analysing, booking, journal, says } from "./testing/journal.ts";

const busy: ModelFailure = { code: "rate-limited", message: "Too many requests.", retryable: true };
const refused: ModelFailure = { code: "refused", message: "Not with this key.", retryable: false };

describe("the analyses of a call", () => {
  it("are all three there when the model answers", async () => {
    const { value, timersLeft } = await analysed().finished();
    expect(value).toEqual({
      summary: "Ada booked a slot.",
      successEvaluation: "success",
      structuredData: { name: "Ada", day: "Tuesday" },
      status: { summary: "ok", successEvaluation: "ok", structuredData: "ok" },
      errors: {},
    });
    expect(analysis.safeParse(value).success).toBe(true);
    expect(timersLeft).toBe(0);
  });

  it("run side by side", async () => {
    const { finished } = analysed({ replies: ({ purpose }) => said(good[purpose], { firstMs: 9_000 }) });
    expect((await finished()).tookMs).toBe(9_000);
  });

  it("are skipped, with a sentence each, when none is planned", async () => {
    const { finished, model } = analysed({ plans: {} });
    expect((await finished()).value).toEqual({
      status: { summary: "skipped", successEvaluation: "skipped", structuredData: "skipped" },
      errors: {
        summary: "The summary is not enabled for this assistant.",
        successEvaluation: "The success evaluation is not enabled for this assistant.",
        structuredData: "The structured data is not enabled for this assistant.",
      },
    });
    expect(model.requests).toEqual([]);
  });

  it("are skipped for an assistant without assistantAnalysis", async () => {
    const clock = virtualClock();
    const { assistantAnalysis: _, ...assistant } = analysing(undefined);
    const { value } = await finish(clock, () =>
      inTimeOf(
        analyse(
          { model: raising, clock, queue: openQueue() },
          { assistant, entries: booking, signal: never },
        ),
      ),
    );
    expect(Object.values(value.status)).toEqual(["skipped", "skipped", "skipped"]);
  });

  it("are skipped one by one", async () => {
    const plans = { summary: { enabled: false }, structuredData: allPlans.structuredData };
    const { value } = await analysed({ plans }).finished();
    expect(value.status).toEqual({ summary: "skipped", successEvaluation: "skipped", structuredData: "ok" });
  });

  it.each([
    ["nothing is in the journal", []],
    ["nothing was said", journal(says("user", "m1", "  "))],
  ])("are skipped when %s", async (_, entries) => {
    const { finished, model } = analysed({ entries });
    const { value } = await finished();
    expect(Object.values(value.status)).toEqual(["skipped", "skipped", "skipped"]);
    expect(value.errors.summary).toBe("Nobody said anything in this call.");
    expect(model.requests).toEqual([]);
  });

  it("fail one by one, and the others are there", async () => {
    const { value } = await analysed({
      replies: ({ purpose }) => (purpose === "successEvaluation" ? failed(refused) : said(good[purpose])),
    }).finished();
    expect(value.status).toEqual({ summary: "ok", successEvaluation: "failed", structuredData: "ok" });
    expect(value.errors).toEqual({ successEvaluation: "Not with this key." });
  });

  it("fail with a sentence when their model cannot be chosen", async () => {
    const { finished, model } = analysed({ plans: only("summary", { provider: "oracle" }) });
    expect((await finished()).value.errors.summary).toContain("provider oracle");
    expect(model.requests).toEqual([]);
  });
});

describe("the time limit", () => {
  const kinds = ["summary", "successEvaluation", "structuredData"] as const;

  it.each(kinds)("of the %s holds for a model that is stuck, and calls it off", async (kind) => {
    const { finished, model, clock } = analysed({ plans: only(kind, { timeoutInSecs: 7 }), replies: stuck });
    const { value, tookMs, timersLeft } = await finished();
    expect([value.status[kind], tookMs, timersLeft]).toEqual(["failed", 7_000, 1]);
    expect(value.errors[kind]).toBe("The time of 7 s was over before the model had answered.");
    expect(model.calledOff()).toBe(0);
    await clock.advance(limits.lateMs);
    expect([model.calledOff(), clock.waiting]).toEqual([1, 0]);
  });

  it("is each one's own", async () => {
    const plans = {
      summary: { enabled: true, timeoutInSecs: 3 },
      successEvaluation: { enabled: true, timeoutInSecs: 10 },
      structuredData: { enabled: true, timeoutInSecs: 20, schema },
    };
    const { finished } = analysed({
      plans,
      replies: ({ purpose }) => said(good[purpose], { firstMs: 5_000 }),
    });
    const { value, tookMs } = await finished();
    expect(value.status).toEqual({ summary: "failed", successEvaluation: "ok", structuredData: "ok" });
    expect(tookMs).toBe(5_000);
  });

  it("holds for a model that dawdles word by word", async () => {
    const { finished } = analysed({
      plans: only("summary"),
      replies: () => said("a ".repeat(999), { wordMs: 900 }),
    });
    expect(await finished()).toMatchObject({ value: { status: { summary: "failed" } }, tookMs: 30_000 });
  });

  it.each<[string, (clock: Clock) => Model]>([
    ["never answers and ignores its signal", () => ({ stream: () => endless(untilNever) })],
    ["goes on for ever without a word", (clock) => ({ stream: () => endless(() => nothing(clock)) })],
  ])("holds for a model that %s", async (_, model) => {
    const clock = virtualClock();
    const given = { assistant: analysing(allPlans), entries: booking };
    const { value, tookMs } = await finish(clock, () =>
      inTimeOf(analyse({ model: model(clock), clock, queue: openQueue() }, { ...given, signal: never })),
    );
    expect(Object.values(value.status)).toEqual(["failed", "failed", "failed"]);
    expect(tookMs).toBe(30_000);
  });
});

describe("a model that fails", () => {
  it("in passing is asked again", async () => {
    const replies = (_: unknown, number: number) => (number < 2 ? failed(busy, 100) : said("There it is."));
    const { finished, model } = analysed({ plans: only("summary"), replies });
    const { value, tookMs } = await finished();
    expect([value.summary, tookMs, model.requests.length]).toEqual(["There it is.", 5_200, 3]);
  });

  it("for good is not asked again", async () => {
    const { finished, model } = analysed({ plans: only("summary"), replies: () => failed(refused) });
    expect((await finished()).tookMs).toBe(0);
    expect(model.requests).toHaveLength(1);
  });

  it("in passing for too long gives its own sentence", async () => {
    const { value, tookMs } = await analysed({
      plans: only("summary"),
      replies: () => failed(busy),
    }).finished();
    expect([value.errors.summary, tookMs]).toEqual(["Too many requests.", 5_000]);
  });

  it("in passing is not waited for beyond the time limit", async () => {
    const plans = only("summary", { timeoutInSecs: 3 });
    const { value, tookMs } = await analysed({ plans, replies: () => failed(busy) }).finished();
    expect([value.status.summary, tookMs]).toEqual(["failed", 3_000]);
  });

  const silent: ModelEvent = { type: "finished", toolCalls: [] };
  const toolCall: ModelEvent = { type: "finished", toolCalls: [{ id: "c", name: "x", arguments: "{}" }] };
  const word: ModelEvent = { type: "text", text: "It" };
  const flood: ModelEvent = { type: "text", text: "blah ".repeat(500) };

  it.each<[string, () => Model, RegExp]>([
    ["throws at once", () => raising, /model broke: Error: a bug/u],
    ["throws in the middle", () => giving([word], raise), /model broke: Error: a bug/u],
    ["breaks off", () => giving([word]), /broke off/u],
    ["says nothing", () => giving([silent]), /empty answer/u],
    ["says blanks", () => giving([{ type: "text", text: " \n" }, silent]), /empty answer/u],
    ["calls a tool", () => giving([toolCall]), /empty answer/u],
    ["never stops talking", () => ({ stream: () => endless(async () => flood) }), /grew beyond/u],
  ])("and %s is a sentence for each", async (_, model, words) => {
    const clock = virtualClock();
    const given = { assistant: analysing(allPlans), entries: booking };
    const { value } = await finish(clock, () =>
      inTimeOf(analyse({ model: model(), clock, queue: openQueue() }, { ...given, signal: never })),
    );
    expect(Object.values(value.status)).toEqual(["failed", "failed", "failed"]);
    for (const error of Object.values(value.errors)) expect(error).toMatch(words);
  });
});

/** A model that gives these events, then does something or breaks off. */
function giving(events: readonly ModelEvent[], then: () => void = () => {}): Model {
  return {
    async *stream() {
      yield* events;
      then();
    },
  };
}

const raising: Model = { stream: () => raise() };

function raise(): never {
  throw new Error("a bug");
}

async function* endless(next: () => Promise<ModelEvent>): AsyncGenerator<ModelEvent> {
  for (;;) yield await next();
}

function untilNever(): Promise<ModelEvent> {
  return new Promise(() => {});
}

async function nothing(clock: Clock): Promise<ModelEvent> {
  await sleep(clock, 100);
  return { type: "text", text: "" };
}
