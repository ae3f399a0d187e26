import type { AssistantInput } from "@offhook/client";
import { secret } from "./receiver.ts";

/** What the assistant's tool is, as the model is told. */
const findSlots = {
  name: "findSlots",
  description: "Finds the free appointments on a day.",
  parameters: {
    type: "object",
    properties: { day: { type: "string", description: "A weekday, or a date" } },
    required: ["day"],
  },
};

/** An assistant that follows a script: it offers the slots of a day, and is slow when it is asked to think. */
export function reception(url: string): AssistantInput {
  return {
    name: "Clinic reception",
    welcomeMessage: "Hello, this is the reception of the clinic. What can I do for you?",
    assistantProvider: "rehearsal",
    assistantModel: "rehearsal",
    assistantSystemPrompt:
      "You are the receptionist of a clinic. Today is {{date}}.\nFind out what {{caller}} needs and on which day, look for free times with findSlots and offer the first two.",
    hangThresholdMs: 1_000,
    tools: [findSlots],
    assistantPredefinedTools: ["endCall"],
    rehearsal: {
      rules: [
        {
          after: "findSlots",
          say: "On {{result.day}} I have {{result.slots.0.time}} or {{result.slots.1.time}}. Which one would you like?",
        },
        { when: ["bye", "goodbye"], say: "Thank you for calling. Goodbye!", call: [{ name: "endCall" }] },
        { when: ["think"], say: "I have thought about it: yes.", delayMs: 2_500 },
        { when: ["{day} please", "on {day}"], call: [{ name: "findSlots", arguments: { day: "{{day}}" } }] },
      ],
      otherwise: "Of course. Which day would suit you?",
      analysis: {
        summary: "A caller asked for an appointment and was offered two times on {{day}}.",
        success: ["day"],
        structuredData: { day: "{{day}}", firstOffer: "{{findSlots.slots.0.time}}" },
      },
    },
    assistantAnalysis: {
      summary: { enabled: true },
      successEvaluation: { enabled: true, rubric: "PassFail" },
      structuredData: {
        enabled: true,
        schema: { type: "object", properties: { day: { type: "string" }, firstOffer: { type: "string" } } },
      },
    },
    assistantServer: { url, secret },
  };
}
