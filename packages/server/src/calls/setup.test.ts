import { assistantBody, type JsonObject } from "@offhook/protocol";
import { describe, expect, test } from "vitest";
import { setupOf } from "./setup.ts";

const setupFor = (given: JsonObject) =>
  setupOf(
    { assistant: { ...assistantBody.parse({ name: "Clinic", ...given }), tools: [] } },
    { playback: "reported" },
  );

describe("what the conversation makes of an assistant", () => {
  test("by default: the user may break in with a voice alone, and silence leads to nothing", () => {
    expect(setupFor({})).toMatchObject({
      playback: "reported",
      bargeIn: true,
      welcomeBargeIn: true,
      wordsToBreakIn: 0,
      hangRecovery: "none",
      idle: { timeoutMs: 20_000, messages: [], messagesMax: 3 },
      maxCallMs: 900_000,
      warning: undefined,
      toolTimeoutMs: 20_000,
    });
  });

  test("sounds of a listener are acknowledgements, words are not", () => {
    const { acknowledgements } = setupFor({});
    expect(acknowledgements).toEqual(expect.arrayContaining(["hmm", "uh-huh", "mm-hmm"]));
    for (const word of ["yes", "no", "okay", "right", "stop"]) expect(acknowledgements).not.toContain(word);
  });

  test.each<[given: JsonObject, setup: JsonObject]>([
    [{ bargeInEnabled: false }, { bargeIn: false }],
    [{ welcomeMessageInterruptionsEnabled: false }, { welcomeBargeIn: false }],
    [{ stopSpeakingOptions: { numberOfWords: 3, voiceSeconds: 0 } }, { wordsToBreakIn: 3 }],
    [{ stopSpeakingOptions: { acknowledgementPhrases: ["okay"] } }, { acknowledgements: ["okay"] }],
    [{ hangRecovery: { say: "One moment." } }, { hangRecovery: { say: "One moment." } }],
    [{ maxCallDurationWarning: {} }, { warning: { beforeMs: 30_000 } }],
    [
      { maxCallDurationWarning: { secondsBefore: 10, message: "Soon." } },
      { warning: { beforeMs: 10_000, text: "Soon." } },
    ],
    [
      { idleTimeout: 5, idleMessages: ["Hello?"], maxIdleMessagesInSequence: 1 },
      { idle: { timeoutMs: 5_000, messages: ["Hello?"], messagesMax: 1 } },
    ],
    [{ assistantServer: { url: "https://app.example", timeoutSeconds: 7 } }, { toolTimeoutMs: 7_000 }],
  ])("%j", (given, setup) => {
    expect(setupFor(given)).toMatchObject(setup);
  });
});
