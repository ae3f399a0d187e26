import { describe, expect, test } from "vitest";
import {
  eventsOf,
  finished,
  hang,
  modelAnswered,
  modelRequested,
  toolAnswered,
  toolRequested,
  turnEnded,
  turnStarted,
} from "../testing/events.ts";
import { silenceOf } from "./silence.ts";

const begun = eventsOf([100, turnStarted], [100, modelRequested]);

describe("the assistant is silent", () => {
  test.each([
    ["since the turn began", begun, 0, 100, "the model"],
    ["since its last words in the turn", begun, 700, 700, "the model"],
    [
      "since it called the tool that has not answered",
      eventsOf([100, turnStarted], [110, modelAnswered], [120, toolRequested]),
      0,
      120,
      "the tool findSlots",
    ],
    [
      "for the model again once the tool has answered, with the clock as it was",
      eventsOf([100, turnStarted], [120, toolRequested], [900, toolAnswered]),
      0,
      120,
      "the model",
    ],
  ])("%s", (_, events, lastWordsAt, since, waitsFor) => {
    expect(silenceOf(events, lastWordsAt)).toMatchObject({ since, waitsFor, isHang: false });
  });

  test("and it is a hang once that was said", () => {
    expect(silenceOf(eventsOf([100, turnStarted], [1_100, hang]), 0)).toMatchObject({ isHang: true });
  });
});

test.each([
  ["before the first turn", eventsOf()],
  ["when its turn has ended", eventsOf([100, turnStarted], [200, turnEnded])],
  ["when the call is over", eventsOf([100, turnStarted], [200, finished])],
])("nothing is owed %s", (_, events) => {
  expect(silenceOf(events, 0)).toBeUndefined();
});
