import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventCharactersMax, EventReader, type ServerSentEvent } from "./sse.ts";

const encoder = new TextEncoder();

function readAll(pieces: Uint8Array[]): ServerSentEvent[] {
  const reader = new EventReader();
  return pieces.flatMap((piece) => reader.read(piece));
}

describe("server-sent events", () => {
  it.each<[string, string, Partial<ServerSentEvent>[]]>([
    ["an event", "data: a\n\n", [{ type: "message", data: "a", id: "" }]],
    ["its type and id", "event: error\nid: 7\ndata: a\n\n", [{ type: "error", data: "a", id: "7" }]],
    ["data of several lines", "data: a\ndata:b\ndata:\n\n", [{ data: "a\nb\n" }]],
    ["only one space is taken away", "data:  a: b\n\n", [{ data: " a: b" }]],
    [
      "all ends of lines",
      "data: a\r\rdata: b\r\n\r\ndata: c\n\n",
      [{ data: "a" }, { data: "b" }, { data: "c" }],
    ],
    ["no event of comments, of nothing, of unknown fields", ": still here\n\n\n\nretry: 10\n\nfoo\n\n", []],
    [
      "a type is good for one event, an id for all that follow",
      "event: x\nid: 1\ndata: a\n\ndata: b\n\n",
      [
        { type: "x", id: "1" },
        { type: "message", id: "1" },
      ],
    ],
    ["no event before its empty line", "data: a\n", []],
    ["an id with a null is none", "id: 1\0\ndata: a\n\n", [{ id: "" }]],
  ])("knows %s", (_name, text, events) => {
    expect(readAll([encoder.encode(text)])).toMatchObject(events);
    expect(readAll([encoder.encode(text)])).toHaveLength(events.length);
  });

  it("does not mind how the stream is cut", () => {
    const text = "id: 1\r\ndata: „grün“ 🙂\r\n\r\n: still here\n\nevent: x\r\ndata: a\r\ndata: b\r\n\r\n";
    const bytes = encoder.encode(text);
    const whole = readAll([bytes]);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((end, index) => bytes.slice(places[index], end));
        expect(readAll(pieces)).toEqual(whole);
      }),
    );
  });

  it("gives up an event that has no end", () => {
    const reader = new EventReader();
    const much = encoder.encode("x".repeat(eventCharactersMax / 2));
    expect(reader.read(encoder.encode("data: "))).toEqual([]);
    expect(reader.read(much)).toEqual([]);
    expect(() => reader.read(much)).toThrow(RangeError);
  });
});
