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
