import { expect, test } from "vitest";
import { openParts } from "./parts.ts";

const part = (length: number): Uint8Array => new Uint8Array(length);

function opened() {
  const told: string[] = [];
  const parts = openParts({
    pause: () => void told.push("pause"),
    resume: () => void told.push("resume"),
    abort: () => void told.push("abort"),
  });
  return { parts, told, reader: parts[Symbol.asyncIterator]() };
}

test("what came before its reader, and what comes after, is read in order, to the end", async () => {
  const { parts, told, reader } = opened();
  parts.push(part(1));
  parts.push(part(2));
  expect((await reader.next()).value).toHaveLength(3);
  const waiting = reader.next();
  parts.push(part(4));
  expect((await waiting).value).toHaveLength(4);
  const last = reader.next();
  parts.end();
  expect(await last).toEqual({ value: undefined, done: true });
  await reader.return?.();
  expect(told).toEqual([]);
});

test("a failure comes after what was sent before it", async () => {
  const { parts, reader } = opened();
  parts.push(part(1));
  parts.fail(new Error("it broke"));
  expect((await reader.next()).value).toHaveLength(1);
  await expect(reader.next()).rejects.toThrow("it broke");
  const second = opened();
  const waiting = second.reader.next();
  second.parts.fail(new Error("it broke"));
  await expect(waiting).rejects.toThrow("it broke");
});

test("who sends more than is read is held back until it is read", async () => {
  const { parts, told, reader } = opened();
  parts.push(part(65_536));
  expect(told).toEqual([]);
  parts.push(part(1));
  expect(told).toEqual(["pause"]);
  expect((await reader.next()).value).toHaveLength(65_537);
  expect(told).toEqual(["pause", "resume"]);
});

test("a reader who leaves midway calls the sender off", async () => {
  const { parts, told } = opened();
  parts.push(part(1));
  for await (const _part of parts) break;
  expect(told).toEqual(["abort"]);
});
