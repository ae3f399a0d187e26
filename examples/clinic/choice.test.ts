import { describe, expect, it } from "vitest";
import { chooseSlot } from "./choice.ts";

const offered = ["09:00", "09:30", "11:00", "14:30"].map((time) => ({
  slotId: `2026-11-24T${time}`,
  time: time.replace(/^0/u, ""),
}));

describe("the slot that a caller means", () => {
  it.each([
    ["2026-11-24T09:30", "09:30"],
    ["2026-11-24t11:00:00Z", "11:00"],
    ["the first one", "09:00"],
    ["First", "09:00"],
    ["what about the fourth", "14:30"],
    ["the last one, please", "14:30"],
    ["9:30", "09:30"],
    ["at 9.30", "09:30"],
    ["at 9", "09:00"],
    ["nine o'clock", "09:00"],
    ["nine thirty", "09:30"],
    ["half past nine", "09:30"],
    ["eleven", "11:00"],
    ["half past two", "14:30"],
  ])("%s", (words, time) => {
    expect(chooseSlot(words, offered)).toBe(`2026-11-24T${time}`);
  });

  it.each(["", "ten", "the fifth", "that one", "whenever", "24 November"])("%j is none of them", (words) => {
    expect(chooseSlot(words, offered)).toBeUndefined();
  });

  it("is an id also when nothing was offered; the book knows whether there is such a slot", () => {
    expect(chooseSlot("2026-11-24T09:00", [])).toBe("2026-11-24T09:00");
    expect(chooseSlot("the first one", [])).toBeUndefined();
  });
});
