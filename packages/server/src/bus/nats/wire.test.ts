import { makeCallId, type TeamId } from "@offhook/protocol";
import { describe, expect, test } from "vitest";
import type { News } from "../../bus.ts";
import { readNews, writeNews } from "./wire.ts";

const teamId = "ours" as TeamId;
const callId = makeCallId("chat", "11111111-1111-4111-8111-111111111111");
const gap: News = { kind: "gap", teamId, callId };
const live: News = { kind: "live", teamId, callId, update: { type: "delta", messageId: "m", text: "x" } };

function entries(text: string): News {
  const message = { role: "user", text, timestamp: 1, messageId: "m" } as const;
  const what = { type: "message-added", message, heard: "whole" } as const;
  const entry = { teamId, callId, seq: 1, position: 1, at: 1, sequence: 1, what };
  return { kind: "entries", teamId, callId, entries: [entry] };
}

const bytesMax = 10_000;

describe("news on the way", () => {
  test.each([
    ["entries", entries("Hello")],
    ["live", live],
    ["gap", gap],
    ["a team's gap", { ...gap, callId: null }],
  ])("%s come as they are", (_name, news) => {
    expect(readNews(writeNews(news, bytesMax) ?? "")).toEqual(news);
  });

  test("entries that are too large are told as a gap, by their bytes", () => {
    expect(readNews(writeNews(entries("ü".repeat(bytesMax / 2)), bytesMax) ?? "")).toEqual(gap);
  });

  test("what is too large otherwise is not told", () => {
    expect(
      writeNews({ ...live, update: { type: "delta", messageId: "m", text: "x".repeat(bytesMax) } }, bytesMax),
    ).toBe(undefined);
  });

  test("what a newer server adds is left out", () => {
    expect(readNews(JSON.stringify({ ...live, more: 1 }))).toEqual(live);
  });

  test("entries of a newer server that cannot be read are a gap", () => {
    const newer = { ...entries("x"), entries: [{ seq: 1, what: { type: "call-sang" } }] };
    expect(readNews(JSON.stringify(newer))).toEqual(gap);
  });

  test.each([
    "",
    "{",
    "null",
    "[]",
    '{"kind":"entries"}',
    JSON.stringify({ ...live, kind: "song" }),
    JSON.stringify({ ...live, update: { type: "song" } }),
    JSON.stringify({ ...entries("x"), callId: "../x" }),
    JSON.stringify({ ...gap, teamId: "" }),
  ])("%s is nothing", (text) => {
    expect(readNews(text)).toBe(undefined);
  });
});
