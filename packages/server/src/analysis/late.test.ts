import { describe, expect, it } from "vitest";
import { failed, said, stuck } from "../testing/scripted-model.ts";
import { limits } from "./limits.ts";
import { AnalysisQueue } from "./queue.ts";
import { analysed, good, only } from "./testing/analysed.ts";
import { analyse } from "./analyse.ts";
import { analysing, booking } from "./testing/journal.ts";

const plans = {
  summary: { enabled: true, timeoutInSecs: 5 },
  successEvaluation: { enabled: true, timeoutInSecs: 30 },
};

/** The analysis in time, and the late one, each with when it was known. */
async function bothOf(opened: ReturnType<typeof analysed>) {
  const { begin, clock } = opened;
  const began = clock.now();
  const { inTime, late } = begin();
  const times: number[] = [];
  void inTime.then(() => times.push(clock.now() - began));
  void late.then(() => times.push(clock.now() - began));
  await clock.until(() => times.length === 2, 600_000);
  return { inTime: await inTime, late: await late, times };
}

describe("an analysis that comes after its time", () => {
  it("is whole then, with what came in time", async () => {
    const replies = ({ purpose }: { purpose: keyof typeof good }) =>
      said(good[purpose], { firstMs: purpose === "summary" ? 12_000 : 1_000 });
    const { inTime, late, times } = await bothOf(analysed({ plans, replies }));
    expect(inTime.analysis).toMatchObject({
      successEvaluation: "success",
      status: { summary: "failed", successEvaluation: "ok" },
      errors: { summary: "The time of 5 s was over before the model had answered." },
    });
    expect(inTime.analysis.summary).toBeUndefined();
    expect(late?.analysis).toMatchObject({
      summary: good.summary,
      successEvaluation: "success",
      status: { summary: "ok", successEvaluation: "ok" },
    });
    expect(late?.analysis.errors.summary).toBeUndefined();
    expect(times).toEqual([5_000, 12_000]);
  });

  it.each([
    ["comes in time", () => said("Well.")],
    ["fails in time", () => failed({ code: "refused", message: "No.", retryable: false })],
    ["fails late", () => failed({ code: "refused", message: "No.", retryable: false }, 9_000)],
    ["never comes", stuck],
  ])("is not told of when it %s", async (_, replies) => {
    const { late } = await bothOf(analysed({ plans: only("summary", { timeoutInSecs: 5 }), replies }));
    expect(late).toBeUndefined();
  });

  it("is given up at the end of its second time", async () => {
    const { times } = await bothOf(
      analysed({ plans: only("summary", { timeoutInSecs: 5 }), replies: stuck }),
    );
    expect(times).toEqual([5_000, 5_000 + limits.lateMs]);
  });

  it("that still waits for its turn says so", async () => {
    const queue = new AnalysisQueue({ width: () => 1, waitingMax: 10 });
    void queue.run(new AbortController().signal, () => new Promise(() => undefined));
    const { inTime } = await bothOf(analysed({ plans: only("summary", { timeoutInSecs: 5 }), queue }));
    expect(inTime.analysis.errors.summary).toBe(
      "The time of 5 s was over before its turn came: other analyses and live calls go first.",
    );
  });

  it("that finds no place to wait says so", async () => {
    const queue = new AnalysisQueue({ width: () => 1, waitingMax: 0 });
    const { inTime } = await bothOf(analysed({ plans: only("summary"), queue }));
    expect(inTime.analysis.errors.summary).toMatch(/^It was not made: \d+ analyses wait already\.$/u);
  });
});

describe("what the analyses used", () => {
  it("is told with them, request by request, those under way as unknown", async () => {
    const usage = { promptTokens: 400, completionTokens: 20 };
    const { inTime, late } = await bothOf(
      analysed({
        plans,
        replies: ({ purpose }) => [
          { afterMs: purpose === "summary" ? 9_000 : 0, event: { type: "text", text: good[purpose] } },
          { afterMs: 0, event: { type: "finished", toolCalls: [], usage } },
        ],
      }),
    );
    const of = { provider: "openai", model: "desk-1" };
    expect(inTime.uses).toEqual([
      { of, usage: undefined },
      { of, usage },
    ]);
    expect(late?.uses).toEqual([
      { of, usage },
      { of, usage },
    ]);
  });
});

describe("a server that stops", () => {
  it("gives the analyses up, leaves no timer, and answers nothing", async () => {
    const stop = new AbortController();
    const { clock, model } = analysed({ replies: stuck });
    const queue = new AnalysisQueue({ width: () => 9, waitingMax: 9 });
    const given = { assistant: analysing(plans), entries: booking, signal: stop.signal };
    const { inTime, late } = analyse({ model, clock, queue }, given);
    const ended = Promise.allSettled([inTime, late]);
    await clock.advance(1_000);
    stop.abort();
    await clock.advance(0);
    expect((await ended).map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect(clock.waiting).toBe(0);
    expect(model.calledOff()).toBe(2);
  });
});
