import { describe, expect, it } from "vitest";
import { limits } from "./limits.ts";
import { scenes } from "./testing/scenes.ts";
import { asks } from "./testing/setup.ts";
import type { Talk } from "./testing/talk.ts";

it("words that find the agenda full of other things do not exceed its limit", () => {
  const call = scenes.replying({ bargeIn: false });
  for (let count = 0; count < limits.agendaMax; count += 1) call.control({ type: "say", message: "Wait." });
  expect(call.hears("Hello?").state.core.agenda.length).toBeLessThanOrEqual(limits.agendaMax);
});

describe("what the user says while the assistant must not be interrupted", () => {
  const userSaid = (call: Talk): string[] => call.journal.filter((line) => line.startsWith("user")).slice(1);

  it("stays in its order when the reply goes on to ask tools", () => {
    const call = scenes.replying({ bargeIn: false }).hears("one").modelFinishes(asks("book")).hears("two");
    call.toolAnswers(1, "Booked.").modelReplies("Done.");
    expect(userSaid(call)).toEqual(["user (waits): one", "user: two"]);
  });

  it("stays in its order when the reply ends the call", () => {
    const call = scenes.replying({ bargeIn: false, playback: "reported" }).plays("Hi").hears("one");
    call.modelFinishes(asks("endCall")).hears("two");
    expect(userSaid(call.playsOut())).toEqual(["user (waits): one", "user: two"]);
  });
});

it("a message of the user after a barge-in names the assistant messages that it skipped", () => {
  const call = scenes.replying().hears("Stop");
  const words = call.entries.findLast((entry) => entry.type === "message-added");
  expect(words?.message).toHaveProperty("skippedAssistantMessages", [expect.stringMatching(/^msg_/u)]);
});
