import { describe, expect, test } from "vitest";
import type { OpenAiModelOptions } from "../openai.ts";
import { eventsOf, requestOf } from "../../testing/model-contract.ts";
import { deviating } from "../../testing/openai-deviations.ts";
import { againstFake } from "../../testing/openai-model.ts";
import { chunksReply, deltaChunk, failure, finishChunk, type Reply } from "../../testing/openai-replies.ts";
import { answerBytesMax } from "./transport.ts";

async function failureFrom(reply: Reply, given: Partial<OpenAiModelOptions> = {}) {
  const { model } = await againstFake([reply], given);
  const last = (await eventsOf(model, requestOf())).at(-1);
  return last?.type === "failed" ? last.failure : last;
}

describe("failures are values, in sentences, without the key", () => {
  test.each([
    [401, "refused", false],
    [403, "refused", false],
    [404, "bad-request", false],
    [400, "bad-request", false],
    [413, "bad-request", false],
    [422, "bad-request", false],
    [408, "unreachable", true],
    [409, "unreachable", true],
    [429, "rate-limited", true],
    [500, "bad-answer", true],
    [502, "unreachable", true],
    [503, "unreachable", true],
    [504, "unreachable", true],
    [529, "unreachable", true],
  ])("status %i", async (status, code, retryable) => {
    const told = await failureFrom(
      failure(status, "Key sk-secret-key at http://10.0.0.1:80/x is bad.\nReally."),
    );
    expect(told).toMatchObject({ code, retryable, status });
    const { message } = told as { message: string };
    expect(message).toMatch(/^The openai model server .+[.…]$/u);
    expect(message).not.toMatch(/sk-secret|10\.0\.0\.1|\n/u);
  });

  test.each([
    [
      "an empty body",
      { kind: "whole", status: 500, body: "", headers: {} },
      { code: "bad-answer", message: "The openai model server failed (500)." },
    ],
    [
      "HTML",
      { kind: "whole", status: 502, body: "<h1>Bad gateway</h1>", headers: { "content-type": "text/html" } },
      {
        code: "unreachable",
        message: "The openai model server is not available (502): <h1>Bad gateway</h1>",
      },
    ],
    [
      "no money left",
      failure(429, { error: { message: "You exceeded your quota.", code: "insufficient_quota" } }),
      { code: "rate-limited", retryable: false },
    ],
    [
      "a redirect",
      { kind: "whole", status: 307, body: "", headers: { location: "http://127.0.0.1:1/" } },
      { code: "refused", retryable: false },
    ],
    [
      "an error inside the stream",
      chunksReply([deltaChunk({ content: "Hel" }), { error: { message: "Overloaded", code: 529 } }]),
      { code: "unreachable", retryable: true, status: 529 },
    ],
    [
      "an error inside the stream without a status",
      chunksReply([{ error: { message: "CUDA out of memory" } }]),
      {
        code: "bad-answer",
        message: "The openai model server reported an error in its answer: CUDA out of memory",
      },
    ],
    ["an empty stream", chunksReply([]), { code: "empty", retryable: true }],
    ["nothing but an end", chunksReply([finishChunk("stop")]), { code: "empty", retryable: true }],
    [
      "only thoughts",
      chunksReply([deltaChunk({ reasoning_content: "Hmm." }), finishChunk("length")]),
      { code: "empty", retryable: false },
    ],
    [
      "the content filter",
      chunksReply([finishChunk("content_filter")]),
      { code: "refused", retryable: false },
    ],
    [
      "not JSON",
      { kind: "stream", steps: [{ kind: "raw", text: "data: {oops\n\n" }] },
      { code: "bad-answer", retryable: true },
    ],
    [
      "not JSON, whole",
      { kind: "whole", status: 200, body: "{oops", headers: {} },
      { code: "bad-answer", retryable: true },
    ],
    [
      "a broken connection",
      {
        kind: "stream",
        steps: [
          { kind: "chunk", chunk: deltaChunk({ content: "Hel" }) },
          { kind: "wait", ms: 5 },
          { kind: "hang-up" },
        ],
      },
      { code: "unreachable", retryable: true },
    ],
    [
      "a closed connection",
      { kind: "no-answer" },
      {
        code: "unreachable",
        message: "The openai model server cannot be reached: it closed the connection.",
      },
    ],
    [
      "half a tool call",
      chunksReply(deviating.idOnlyFirst.slice(0, 2)),
      { code: "bad-answer", retryable: true },
    ],
  ] as [string, Reply, object][])("%s", async (_name, reply, expected) => {
    expect(await failureFrom(reply)).toMatchObject(expected);
    expect(await failureFrom(reply, { fetch })).toMatchObject(expected);
  });

  test("nobody listens", async () => {
    const { model, server } = await againstFake([]);
    await server.close();
    expect(await eventsOf(model, requestOf())).toEqual([
      {
        type: "failed",
        failure: {
          code: "unreachable",
          message: "The openai model server cannot be reached: nothing listens at its address.",
          retryable: true,
        },
      },
    ]);
  });

  test("the guard of addresses says no", async () => {
    const refusal = { kind: "refused", rule: "private", detail: "The address is private." };
    const { model } = await againstFake([], {
      fetch: () => Promise.reject(Object.assign(new Error("no"), { refusal })),
    });
    expect((await eventsOf(model, requestOf())).at(-1)).toEqual({
      type: "failed",
      failure: {
        code: "refused",
        message: "The openai model server may not be connected to. The address is private.",
        retryable: false,
      },
    });
  });

  test("an answer without end is cut off", async () => {
    const big = `data: ${JSON.stringify(deltaChunk({ content: "x".repeat(1_000_000) }))}\n\n`;
    const steps = Array.from({ length: Math.ceil(answerBytesMax / 1_000_000) + 1 }, () => ({
      kind: "raw" as const,
      text: big,
    }));
    expect(await failureFrom({ kind: "stream", steps })).toMatchObject({
      code: "bad-answer",
      message: expect.stringContaining("beyond all measure"),
    });
    const line = Array.from({ length: 10 }, () => ({ kind: "raw" as const, text: "x".repeat(1_000_000) }));
    expect(await failureFrom({ kind: "stream", steps: line })).toMatchObject({ code: "bad-answer" });
  });
});
