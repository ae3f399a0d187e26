import fc from "fast-check";
import { APIError } from "openai";
import { describe, expect, test } from "vitest";
import { EventLines, readServerEvents } from "./server-events.ts";
import { answerBytesMax } from "./transport.ts";

const eventsIn = (...pieces: string[]) => {
  const lines = new EventLines();
  return [...pieces.flatMap((piece) => lines.take(piece)), ...lines.last("")];
};

describe("server-sent events", () => {
  test.each([
    ["one", "data: a\n\n", [["", "a"]]],
    [
      "two",
      "data: a\n\ndata: b\n\n",
      [
        ["", "a"],
        ["", "b"],
      ],
    ],
    [
      "without a blank after the colon, and with two",
      "data:a\n\ndata:  b\n\n",
      [
        ["", "a"],
        ["", " b"],
      ],
    ],
    ["of several lines", "data: a\ndata: b\n\n", [["", "a\nb"]]],
    [
      "with a name",
      "event: error\ndata: a\n\ndata: b\n\n",
      [
        ["error", "a"],
        ["", "b"],
      ],
    ],
    [
      "with carriage returns",
      "data: a\r\n\r\ndata: b\r\rdata: c\n\n",
      [
        ["", "a"],
        ["", "b"],
        ["", "c"],
      ],
    ],
    [
      "between comments and fields that we do not know",
      ": hello\nid: 7\ndata: a\nretry: 1\n\n:\n\n",
      [["", "a"]],
    ],
    [
      "that is not ended",
      "data: a\n\ndata: b",
      [
        ["", "a"],
        ["", "b"],
      ],
    ],
    [
      "that is empty",
      "data\n\ndata:\n\nevent: x\n\n\n\n",
      [
        ["", ""],
        ["", ""],
      ],
    ],
  ])("%s", (_name, text, expected) => {
    expect(eventsIn(text).map(({ name, data }) => [name, data])).toEqual(expected);
  });

  test("are the same however the text is cut into pieces", () => {
    const line = fc.constantFrom("data: a", 'data: {"b":1}', "event: error", ": c", "data", "");
    const end = fc.constantFrom("\n", "\r\n", "\r");
    const text = fc.array(fc.tuple(line, end).map((both) => both.join(""))).map((lines) => lines.join(""));
    fc.assert(
      fc.property(text, fc.array(fc.nat(80)), (whole, cuts) => {
        const at = [0, ...cuts.filter((cut) => cut < whole.length).toSorted((one, other) => one - other)];
        const pieces = at.map((from, index) => whole.slice(from, at[index + 1]));
        expect(eventsIn(...pieces)).toEqual(eventsIn(whole));
      }),
    );
  });

  test("take a long line in many pieces in no more time than it is long", () => {
    const lines = new EventLines();
    for (let piece = 0; piece < 200_000; piece += 1) expect(lines.take("x")).toEqual([]);
    expect(lines.last("")).toEqual([]);
  });
});

describe("a streamed answer", () => {
  const answerOf = (...parts: (string | Uint8Array<ArrayBuffer>)[]) => {
    let left = false;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start(controller) {
        for (const part of parts)
          controller.enqueue(typeof part === "string" ? new TextEncoder().encode(part) : part);
        controller.close();
      },
      cancel: () => void (left = true),
    });
    return { chunks: readServerEvents(new Response(body)), wasLeft: () => left };
  };
  const all = (chunks: AsyncIterable<unknown>) => Array.fromAsync(chunks);

  test("is its chunks, up to its end", async () => {
    const { chunks } = answerOf('data: {"a":1}\n\ndata: [DONE]\n\ndata: {"b":2}\n\n');
    expect(await all(chunks)).toEqual([{ a: 1 }]);
    expect(await all(answerOf().chunks)).toEqual([]);
    expect(await all(readServerEvents(new Response(null)))).toEqual([]);
  });

  test("whose letters are cut in two", async () => {
    const bytes = new TextEncoder().encode('data: "é"\n\n');
    const { chunks } = answerOf(bytes.slice(0, 8), bytes.slice(8));
    expect(await all(chunks)).toEqual(["é"]);
  });

  test.each([
    ['data: {"error":{"message":"Overloaded","code":529}}\n\n', "Overloaded"],
    ['data: {"error":"Overloaded"}\n\n', "Overloaded"],
    ['event: error\ndata: {"message":"Overloaded"}\n\n', "Overloaded"],
  ])("that is an error: %s", async (text, message) => {
    const failed = all(answerOf(text).chunks);
    await expect(failed).rejects.toThrow(APIError);
    await expect(failed).rejects.toThrow(message);
  });

  test.each(["null", "false", '""'])("whose error is none: %s", async (none) => {
    expect(await all(answerOf(`data: {"error":${none}}\n\n`).chunks)).toHaveLength(1);
  });

  test("that is no JSON", async () => {
    await expect(all(answerOf("data: {oops\n\n").chunks)).rejects.toThrow(SyntaxError);
  });

  test("that grows beyond all measure is let go", async () => {
    const { chunks, wasLeft } = answerOf(
      new Uint8Array(answerBytesMax),
      new Uint8Array(1),
      new Uint8Array(1),
    );
    await expect(all(chunks)).rejects.toThrow("bytes");
    expect(wasLeft()).toBe(true);
  });
});
