import type { Happening } from "@offhook/protocol";
import { expect, test } from "vitest";
import { modelRequested, toolAnswered } from "../testing/events.ts";
import { entryWords } from "./entry-words.ts";

const said = (more: object): Happening => ({
  type: "message-added",
  message: { messageId: "msg_1", role: "assistant", text: "One moment.", timestamp: 0 },
  heard: "whole",
  ...more,
});

test.each<[what: string, entry: Happening, title: string, about: string]>([
  ["words that are a reply", said({}), "Assistant said", "One moment."],
  ["a filler", said({ origin: "filler" }), "Assistant said as a filler", "One moment."],
  [
    "a goodbye that was cut",
    said({ origin: "goodbye", heard: "cut" }),
    "Assistant said as a goodbye, cut off",
    "One moment.",
  ],
  ["a model", modelRequested, "Model asked", "rehearsal rehearsal"],
  [
    "a model after a hang",
    { ...modelRequested, again: "hang" },
    "Model asked again",
    "rehearsal rehearsal, as the one before hung",
  ],
  ["a tool that no server was asked for", toolAnswered, "findSlots answered", "40 ms, late"],
  [
    "a tool that was tried twice",
    { ...toolAnswered, http: { status: 503, attempts: 2 } },
    "findSlots answered",
    "40 ms, status 503 at attempt 2, late",
  ],
])("%s", (_, entry, title, about) => {
  expect(entryWords(entry)).toMatchObject({ title, about });
});
