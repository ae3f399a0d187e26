import { describe, expect, it } from "vitest";
import { readDay, slotsOn, spokenDay } from "./calendar.ts";

/** Tuesday, 24 November 2026, 10:00. */
const now = Date.UTC(2026, 10, 24, 10);

describe("the day that somebody means", () => {
  it.each([
    ["2026-11-27", "2026-11-27", null],
    ["on 2026-11-27 in the afternoon", "2026-11-27", "afternoon"],
    ["today", "2026-11-24", null],
    ["Tomorrow morning, please", "2026-11-25", "morning"],
    ["Wednesday", "2026-11-25", null],
    ["monday", "2026-11-30", null],
    ["next Monday", "2026-11-30", null],
    ["Tuesday is a week from today", "2026-11-24", null],
    ["Tuesday", "2026-12-01", null],
    ["Sunday", "2026-11-29", null],
  ])("%s", (words, date, part) => {
    expect(readDay(words, now)).toEqual({ date, part });
  });

  it.each(["", "soon", "2026-02-30", "2026-13-01", "12026-11-27"])("%j is none", (words) => {
    expect(readDay(words, now)).toBeUndefined();
  });

  it("crosses the year", () => {
    expect(readDay("tomorrow", Date.UTC(2026, 11, 31, 23, 59))).toEqual({ date: "2027-01-01", part: null });
  });

  it("is said in words", () => {
    expect(spokenDay("2026-11-24")).toBe("Tuesday, 24 November");
  });
});

describe("the slots of a day", () => {
  it.each([
    ["Wednesday", { date: "2026-11-25", part: null }, ["9:00", "9:30", "10:00", "10:30", "11:00", "11:30"]],
    [
      "a Tuesday afternoon",
      { date: "2026-11-24", part: "afternoon" as const },
      ["14:00", "14:30", "15:00", "15:30", "16:00", "16:30"],
    ],
    ["a Wednesday afternoon", { date: "2026-11-25", part: "afternoon" as const }, []],
    ["Sunday", { date: "2026-11-29", part: null }, []],
  ])("%s", (_, day, times) => {
    expect(slotsOn(day).map(({ time }) => time)).toEqual(times);
  });

  it("have ids that sort as they follow each other", () => {
    expect(slotsOn({ date: "2026-11-24", part: null })[0]).toEqual({
      slotId: "2026-11-24T09:00",
      time: "9:00",
    });
  });
});
