import { describe, expect, test } from "vitest";
import { happening, tellOf } from "./entry.ts";
import { callId } from "./ids.ts";
import { readEntries } from "./reading.ts";
import { sampleCallId, sampleEntry, sampleJournal } from "./sample.ts";
import { formats, tellTypes } from "./words.ts";

describe.each(formats)("the sample of a call in %s", (format) => {
  const journal = sampleJournal(format);

  test("is a journal: each entry fits its schema, is counted, and none goes back in time", () => {
    for (const { what } of journal) expect(happening.parse(what)).toEqual(what);
    expect(journal.map(({ seq }) => seq)).toEqual(journal.map((_, index) => index + 1));
    expect(journal.map(({ at }) => at)).toEqual(
      journal.map(({ at }) => at).toSorted((one, other) => one - other),
    );
    expect(callId.parse(sampleCallId)).toBe(sampleCallId);
  });

  test("numbers what is told without a gap", () => {
    const told = journal.filter(({ what }) => tellOf(what.type) !== undefined);
    expect(told.map(({ sequence }) => sequence)).toEqual(told.map((_, index) => index + 1));
    expect(journal.filter(({ sequence }) => sequence === null)).toHaveLength(journal.length - told.length);
  });

  test.each(tellTypes)("has something to tell as %s", (type) => {
    expect(tellOf(sampleEntry(type, journal).what.type)).toBe(type);
  });

  test("ends finished and reported", () => {
    const reading = readEntries(undefined, journal);
    expect(reading?.call).toMatchObject({
      status: "finished",
      assistantCallDuration: 29_000,
      analysis: { successEvaluation: "success" },
    });
    expect(reading?.call.cost).not.toBeNull();
    expect(reading?.subscription?.format).toBe(format);
  });
});

test("what is not in a journal cannot be a sample of it", () => {
  expect(() => sampleEntry("hang", [])).toThrow("the sample has no hang");
});
