import { describe, expect, test } from "vitest";
import { deviating } from "../testing/openai-deviations.ts";
import { chunksReply, deltaChunk, textReply, toolReply } from "../testing/openai-replies.ts";
import { eventsOf, modelContract, requestOf, textIn } from "../testing/model-contract.ts";
import { againstFake } from "../testing/openai-model.ts";

const isTool = (body: { tools?: unknown }) => body.tools !== undefined;
const findSlots = { name: "findSlots", description: "Free times", parameters: { type: "object" } };
const tool = requestOf({ tools: [findSlots] });

/** Ours for the operator's servers; one with web streams for the addresses of tenants. */
const fetches = { "our own": {}, "a web": { fetch } };

for (const chunking of ["one", "many"] as const)
  for (const [whose, given] of Object.entries(fetches)) {
    modelContract(`openai, over ${whose} fetch, calls in ${chunking} chunk(s)`, async () => {
      const { model } = await againstFake(
        ({ body }) =>
          isTool(body)
            ? toolReply([{ name: "findSlots", arguments: { day: "Tuesday" } }], { chunking })
            : textReply("Good morning to you."),
        given,
      );
      return { model, tool };
    });
  }

describe("what comes", () => {
  test("usage", async () => {
    const { model } = await againstFake([textReply("Hi")]);
    expect((await eventsOf(model, requestOf())).at(-1)).toEqual({
      type: "finished",
      toolCalls: [],
      usage: { promptTokens: 11, completionTokens: 7 },
    });
  });

  test.each(Object.entries(deviating))("a server that deviates: %s", async (_name, chunks) => {
    const { model } = await againstFake([chunksReply(chunks)]);
    expect((await eventsOf(model, tool)).at(-1)).toMatchObject({
      toolCalls: [{ name: "findSlots", arguments: '{"day":"Tuesday"}' }],
    });
  });

  test("a whole answer from a server that does not stream", async () => {
    const body = JSON.stringify(
      { choices: [{ message: { content: "Hello\nthere" }, finish_reason: "stop" }] },
      null,
      2,
    );
    const { model } = await againstFake([{ kind: "whole", status: 200, body, headers: {} }]);
    expect(textIn(await eventsOf(model, requestOf()))).toBe("Hello\nthere");
  });

  test("lines that SSE allows: comments, CRLF, no space, no [DONE]", async () => {
    const chunk = (content: string) => JSON.stringify(deltaChunk({ content }));
    const text = `: keep-alive\r\n\r\ndata:${chunk("Hel")}\r\n\r\nevent: x\ndata: ${chunk("lo")}\n\n`;
    const { model } = await againstFake([{ kind: "stream", steps: [{ kind: "raw", text }] }]);
    const events = await eventsOf(model, requestOf());
    expect(textIn(events)).toBe("Hello");
    expect(events.at(-1)?.type).toBe("finished");
  });

  test("a letter cut between two packets", async () => {
    const bytes = Buffer.from(`data: ${JSON.stringify(deltaChunk({ content: "Zürich – 你好" }))}\n\n`);
    const steps = Array.from(bytes, (byte) => ({ kind: "raw" as const, text: Buffer.from([byte]) }));
    expect(textIn(await eventsOf((await againstFake([{ kind: "stream", steps }])).model, requestOf()))).toBe(
      "Zürich – 你好",
    );
  });
});
