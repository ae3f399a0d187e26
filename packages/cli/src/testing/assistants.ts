import type { AssistantInput } from "@offhook/client";

/** An assistant that needs no model: it hears, is slow when it is asked to be, and says goodbye. */
export const echo: AssistantInput = {
  name: "Echo",
  welcomeMessage: "Hi Ada!",
  assistantProvider: "rehearsal",
  assistantModel: "rehearsal",
  assistantPredefinedTools: ["endCall"],
  rehearsal: {
    rules: [
      { when: ["bye"], say: "Goodbye!", call: [{ name: "endCall" }] },
      { when: ["slow"], say: "That took a while.", delayMs: 400 },
    ],
    otherwise: "I hear you.",
    analysis: { summary: "Somebody said something." },
  },
  assistantAnalysis: { summary: { enabled: true } },
};

/** An assistant that looks for slots when it hears of a day, and says what it found. */
export const clerk: AssistantInput = {
  name: "Clerk",
  welcomeMessage: "Which day?",
  assistantProvider: "rehearsal",
  assistantModel: "rehearsal",
  tools: [
    {
      name: "findSlots",
      description: "Free slots",
      parameters: { type: "object", properties: { day: { type: "string" } } },
    },
  ],
  rehearsal: {
    rules: [
      { when: ["monday"], call: [{ name: "findSlots", arguments: { day: "Monday" } }] },
      { after: "findSlots", say: "I found {{result}}." },
    ],
    otherwise: "Which day?",
  },
};
