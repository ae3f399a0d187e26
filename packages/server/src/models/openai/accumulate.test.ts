import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deviating } from "../../testing/openai-deviations.ts";
import { callChunk, deltaChunk, finishChunk, usageChunk } from "../../testing/openai-replies.ts";
import { accumulate, emptyReply, isBrokenOff, lastText, toolCallsOf } from "./accumulate.ts";

function play(chunks: readonly unknown[], taken: string[] = []) {
  let reply = emptyReply;
  const events = chunks.flatMap((chunk) => {
    const step = accumulate(reply, chunk);
    reply = step.reply;
    return step.events;
  });
  const text = events.map((event) => (event.type === "text" ? event.text : "")).join("") + lastText(reply);
  const begun = events.flatMap((event) => (event.type === "tool-call-begun" ? [event.name] : []));
  return { text, begun, calls: toolCallsOf(reply, taken), reply };
}

const call = (more: object, name?: string, args?: unknown) =>
  callChunk({
    ...more,
    function: { ...(name === undefined ? {} : { name }), ...(args === undefined ? {} : { arguments: args }) },
  } as never);
const findSlots = (id: string) => ({ id, name: "findSlots", arguments: '{"day":"Tuesday"}' });

describe("known deviations", () => {
  test.each([
    ["Ollama leaves out index", deviating.noIndex, "call_o1"],
    ["llama.cpp and LM Studio leave out id after the first delta", deviating.idOnlyFirst, "abc"],
    ["vLLM leaves out type", deviating.noType, "v1"],
    ["a proxy changes index midway", deviating.indexChanges, "p1"],
    ["arguments come as an object", deviating.objectArguments, "o1"],
    ["no id: one from the position", deviating.noId, "call_1"],
    [
      "a new id with each delta (old vLLM)",
      [
        call({ index: 0, id: "r1" }, "findSlots", ""),
        call({ index: 0, id: "r2" }, undefined, '{"day":'),
        call({ index: 0, id: "r3" }, undefined, '"Tuesday"}'),
      ],
      "r1",
    ],
    [
      "id and name again in each delta",
      [
        call({ index: 0, id: "a" }, "findSlots", ""),
        call({ index: 0, id: "a" }, "findSlots", '{"day":'),
        call({ index: 0, id: "a" }, "findSlots", '"Tuesday"}'),
      ],
      "a",
    ],
    [
      "name again without id",
      [call({ index: 0, id: "a" }, "findSlots", '{"day":'), call({ index: 0 }, "findSlots", '"Tuesday"}')],
      "a",
    ],
    [
      "neither index nor id after the first",
      [call({ id: "a" }, "findSlots", ""), call({}, undefined, '{"day":'), call({}, undefined, '"Tuesday"}')],
      "a",
    ],
    [
      "the id comes after the name",
      [call({ index: 0 }, "findSlots", ""), call({ index: 0, id: "late" }, undefined, '{"day":"Tuesday"}')],
      "late",
    ],
    [
      "the name comes after the id",
      [call({ index: 0, id: "a" }), call({ index: 0 }, "findSlots", '{"day":"Tuesday"}')],
      "a",
    ],
    [
      "the whole call is said again at the end",
      [...deviating.idOnlyFirst, call({ index: 0, id: "abc" }, "findSlots", '{ "day": "Tuesday" }')],
      "abc",
    ],
    [
      "an empty object before the arguments",
      [
        call({ index: 0, id: "a" }, "findSlots", {}),
        call({ index: 0 }, undefined, '{"day":'),
        call({ index: 0 }, undefined, '"Tuesday"}'),
      ],
      "a",
    ],
    [
      "a whole answer instead of deltas",
      [
        {
          choices: [
            {
              message: {
                content: null,
                tool_calls: [
                  {
                    id: "w",
                    type: "function",
                    function: { name: "findSlots", arguments: '{"day":"Tuesday"}' },
                  },
                ],
              },
              finish_reason: "tool_calls",
            },
          ],
        },
      ],
      "w",
    ],
    [
      "the old function_call",
      [
        deltaChunk({ function_call: { name: "findSlots", arguments: "" } }),
        deltaChunk({ function_call: { arguments: '{"day":"Tuesday"}' } }),
      ],
      "call_1",
    ],
  ])("%s", (_name, chunks, id) => {
    const { calls, begun, text } = play(chunks);
    expect(calls).toEqual([findSlots(id)]);
    expect(begun).toEqual(["findSlots"]);
    expect(text).toBe("");
  });

  test.each([
    [
      "whole calls without index and id",
      [callChunk({ function: { name: "a", arguments: "{}" } }, { function: { name: "a", arguments: "{}" } })],
      ["call_1 a {}", "call_2 a {}"],
    ],
    [
      "Gemini gives every call index 0",
      [call({ index: 0, id: "g1" }, "a", '{"x":1}'), call({ index: 0, id: "g2" }, "a", '{"x":2}')],
      ['g1 a {"x":1}', 'g2 a {"x":2}'],
    ],
    [
      "Gemini, calls without arguments",
      [call({ index: 0, id: "g1" }, "a", ""), call({ index: 0, id: "g2" }, "a", "")],
      ["g1 a {}", "g2 a {}"],
    ],
    [
      "one id for two calls",
      [call({ index: 0, id: "same" }, "a", '{"x":1}'), call({ index: 1, id: "same" }, "b", '{"x":2}')],
      ['same a {"x":1}', 'same_2 b {"x":2}'],
    ],
    [
      "pieces of two calls mixed",
      [
        call({ index: 0, id: "m1" }, "a", ""),
        call({ index: 1, id: "m2" }, "b", ""),
        call({ index: 0 }, undefined, '{"x"'),
        call({ index: 1 }, undefined, '{"y"'),
        call({ index: 0 }, undefined, ":1}"),
        call({ index: 1 }, undefined, ":2}"),
      ],
      ['m1 a {"x":1}', 'm2 b {"y":2}'],
    ],
    [
      "pieces of two calls mixed, told apart by id alone",
      [
        call({ id: "m1" }, "a", ""),
        call({ id: "m2" }, "b", ""),
        call({ id: "m1" }, undefined, '{"x":1}'),
        call({ id: "m2" }, undefined, '{"y":2}'),
      ],
      ['m1 a {"x":1}', 'm2 b {"y":2}'],
    ],
    [
      "the index begins at 1",
      [call({ index: 1, id: "m1" }, "a", "{}"), call({ index: 2, id: "m2" }, "b", "{}")],
      ["m1 a {}", "m2 b {}"],
    ],
    [
      "empty strings for what is missing",
      [call({ index: 0, id: "e", type: "" }, "a", ""), call({ index: 0, id: "", type: "" }, "", '{"x":1}')],
      ['e a {"x":1}'],
    ],
    [
      "a call that never gets a name is dropped",
      [call({ index: 0, id: "n" }, undefined, "{}"), deltaChunk({ content: "hello" })],
      [],
    ],
  ])("%s", (_name, chunks, expected) => {
    expect(play(chunks).calls.map(({ id, name, arguments: given }) => `${id} ${name} ${given}`)).toEqual(
      expected,
    );
  });

  test("ids are not those of earlier replies either", () => {
    expect(play(deviating.noId, ["call_1", "call_1_2"]).calls[0]?.id).toBe("call_1_3");
  });

  test.each([
    [
      "content null and empty deltas",
      [
        deltaChunk({ role: "assistant", content: null }),
        deltaChunk({}),
        deltaChunk({ content: "" }),
        deltaChunk({ content: "Hi" }),
      ],
    ],
    [
      "no choices, null choices, no delta",
      [
        {},
        { choices: null },
        { choices: [{}] },
        { choices: [{ delta: null }] },
        null,
        "text",
        deltaChunk({ content: "Hi" }),
      ],
    ],
    [
      "reasoning is not content",
      [
        deltaChunk({ reasoning_content: "He greets me." }),
        deltaChunk({ reasoning: "So do I." }),
        deltaChunk({ content: "Hi", reasoning_content: "!" }),
      ],
    ],
    [
      "content in parts",
      [
        deltaChunk({
          content: [
            { type: "thinking", thinking: [] },
            { type: "reasoning", text: "Hm." },
            { type: "text", text: "Hi" },
          ],
        }),
      ],
    ],
    [
      "a thought in the text",
      [
        deltaChunk({ content: "\n<thi" }),
        deltaChunk({ content: "nk>They greet" }),
        deltaChunk({ content: " me</th" }),
        deltaChunk({ content: "ink>\n\nH" }),
        deltaChunk({ content: "i" }),
      ],
    ],
    ["a refusal is said", [deltaChunk({ refusal: "Hi" })]],
    [
      "null tool calls",
      [deltaChunk({ content: "Hi", tool_calls: null }), deltaChunk({ tool_calls: [null] })],
    ],
  ])("%s", (_name, chunks) => {
    expect(play(chunks)).toMatchObject({ text: "Hi", calls: [], begun: [] });
  });

  test("a reply that only looks like a thought is kept", () => {
    expect(play([deltaChunk({ content: "<th" })]).text).toBe("<th");
    expect(play([deltaChunk({ content: "<th" }), deltaChunk({ content: "ree>" })]).text).toBe("<three>");
  });

  test("usage comes in the last chunk, without choices", () => {
    expect(play([deltaChunk({ content: "Hi" }), finishChunk("stop"), usageChunk()]).reply.usage).toEqual({
      promptTokens: 11,
      completionTokens: 7,
    });
  });

  test("arguments that stop midway are seen", () => {
    expect(isBrokenOff(play([call({ index: 0, id: "a" }, "f", '{"x":')]).reply)).toBe(true);
    expect(isBrokenOff(play([call({ index: 0, id: "a" }, "f", '{"x":1}')]).reply)).toBe(false);
  });
});

test("however calls are dressed and cut, they are the same calls", () => {
  const value = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 5 }),
    fc.oneof(fc.string({ maxLength: 8 }), fc.integer(), fc.constant({ "}": "{" })),
    { minKeys: 1, maxKeys: 3 },
  );
  const calls = fc.array(
    fc.record({
      name: fc.constantFrom("a", "b", "findSlots"),
      value,
      cuts: fc.array(fc.nat(20), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 4 },
  );
  const dress = fc.constantFrom("openai", "no-index", "id-only-first", "same-index", "id-always");
  fc.assert(
    fc.property(calls, dress, (given, style) => {
      const chunks = given.flatMap(({ name, value: args, cuts }, at) => {
        const [first, ...rest] = slice(JSON.stringify(args), cuts);
        const index = style === "no-index" ? {} : { index: style === "same-index" ? 0 : at };
        const again = style === "openai" || style === "id-only-first" ? {} : { id: `id${at}` };
        return [
          call({ ...index, id: `id${at}` }, name, first),
          ...rest.map((part) => call({ ...index, ...again }, undefined, part)),
        ];
      });
      expect(play(chunks).calls).toEqual(
        given.map(({ name, value: args }, at) => ({ id: `id${at}`, name, arguments: JSON.stringify(args) })),
      );
    }),
    { numRuns: 500 },
  );
});

function slice(text: string, cuts: readonly number[]): string[] {
  const places = [...new Set([0, ...cuts.map((cut) => Math.min(cut, text.length)), text.length])].toSorted(
    (a, b) => a - b,
  );
  return places.slice(0, -1).map((place, at) => text.slice(place, places[at + 1]));
}
