import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Book } from "./book.ts";

/** Monday, 23 November 2026, 10:15. */
const now = Date.UTC(2026, 10, 23, 10, 15);
const tuesday = { date: "2026-11-24", part: null };
const first = { slotId: "2026-11-24T09:00", patientName: "Ada", callId: "TC-1" };

let book: Book;
beforeEach(() => {
  book = new Book(":memory:");
});
afterEach(() => book.close());

function timesOn(date: string, part: "morning" | "afternoon" | null = null): unknown {
  const slots = book.freeSlots({ date, part }, now);
  return "error" in slots ? slots.error : slots.map(({ time }) => time).join(" ");
}

describe("free slots", () => {
  it.each([
    ["a day to come", "2026-11-25", null, "9:00 9:30 10:00 10:30 11:00 11:30"],
    ["today, without what is past", "2026-11-23", "morning" as const, "10:30 11:00 11:30"],
    ["yesterday", "2026-11-20", null, "Friday, 20 November is past."],
    [
      "the weekend",
      "2026-11-28",
      null,
      "The clinic is closed on Saturday. It is open from Monday to Friday.",
    ],
    [
      "an afternoon that is off",
      "2026-11-27",
      "afternoon" as const,
      "The clinic is closed on Friday in the afternoon.",
    ],
    [
      "the last day that is planned",
      "2027-02-19",
      "morning" as const,
      "8:00 8:30 9:00 9:30 10:00 10:30 11:00 11:30",
    ],
    ["beyond it", "2027-02-22", null, "Appointments are made at most 90 days ahead."],
  ])("%s", (_, date, part, times) => {
    expect(timesOn(date, part)).toBe(times);
  });

  it("are no longer free when they are booked", () => {
    book.book(first, now);
    expect(timesOn("2026-11-24", "morning")).toBe("9:30 10:00 10:30 11:00 11:30");
  });

  it("run out", () => {
    const slots = book.freeSlots({ ...tuesday, part: "morning" }, now);
    if ("error" in slots) throw new Error(slots.error);
    for (const { slotId } of slots) book.book({ ...first, slotId }, now);
    expect(timesOn("2026-11-24", "morning")).toBe("Nothing is free on Tuesday, 24 November in the morning.");
  });
});

describe("booking", () => {
  it("gives an appointment that can be found again", () => {
    const booked = book.book({ ...first, reason: "check-up" }, now);
    expect(booked).toEqual({
      appointmentId: "A-1",
      slotId: first.slotId,
      patientName: "Ada",
      reason: "check-up",
    });
    expect(book.find("A-1")).toEqual(booked);
  });

  it("happens once: another call is refused, the same one gets what it has", () => {
    const booked = book.book(first, now);
    expect(book.book({ ...first, callId: "TC-2" }, now)).toEqual({
      error: "Tuesday, 24 November at 9:00 has just been taken.",
    });
    expect(book.book({ ...first, callId: null }, now)).toHaveProperty("error");
    expect(book.book(first, now)).toEqual(booked);
  });

  it.each([
    ["2026-11-28T09:00", "There is no slot"],
    ["2026-11-24T09:10", "There is no slot"],
    ["2026-11-24", "There is no slot"],
    ["'; drop table appointments", "There is no slot"],
    ["2026-11-23T10:00", "is past"],
  ])("refuses %s", (slotId, sentence) => {
    expect(book.book({ ...first, slotId }, now)).toEqual({ error: expect.stringContaining(sentence) });
  });

  it.each(["A-1", "1", "", "A-x"])("knows no appointment %j that was not made", (id) => {
    expect(book.find(id)).toEqual({ error: `There is no appointment ${id}.` });
  });
});

describe("what the book remembers", () => {
  it("is what each caller was offered last", () => {
    const slots = [{ slotId: first.slotId, time: "9:00" }];
    book.offer("TC-1", [...slots, ...slots]);
    book.offer("TC-1", slots);
    expect(book.offered("TC-1")).toEqual(slots);
    expect(book.offered("TC-2")).toEqual([]);
  });

  it("is each message once, in the order of their coming", () => {
    const kept = { at: now, callId: "TC-1", body: "{}" };
    for (const [id, type] of [
      ["e1", "a"],
      ["e2", "b"],
      ["e1", "c"],
      [null, "d"],
      [null, "e"],
    ] as const)
      book.keep({ ...kept, id, type });
    expect(book.messages().map(({ type }) => type)).toEqual(["a", "b", "d", "e"]);
  });
});
