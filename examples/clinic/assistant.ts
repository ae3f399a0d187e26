import type { Definition } from "@offhook/server-url";
import { script } from "./script.ts";

const prompt = `You are the receptionist of a clinic, on the telephone. Today is {{date}}.
Find out what the caller needs and on which day, look for free times with findSlots and offer the first two.
When the caller has chosen and given a name, book with bookAppointment, say the day and time once more,
and send a confirmation with sendConfirmation without waiting for it.
Never invent times. When a tool answers with an error, tell the caller what it says and how to go on.
Speak in one or two short sentences. Say goodbye, and use endCall, when the caller is done.`;

/** The report's structured data, as JSON Schema. */
const structuredData = {
  type: "object",
  properties: {
    patientName: { type: "string" },
    day: { type: "string", description: "The day of the appointment" },
    slotId: { type: "string", description: "The slot that was booked" },
    appointmentId: { type: "string" },
    reason: { type: "string", description: "What the appointment is for" },
  },
  required: ["patientName", "day"],
};

/**
 * The assistant as it is POSTed to `/assistants/v1/assistants`.
 *
 * It rehearses: it follows `script` and needs no model. For a language model,
 * change `assistantProvider` and `assistantModel`; the prompt is there.
 */
export function clinicAssistant(given: { url: string; secret: string; tools: readonly Definition[] }) {
  return {
    name: "Clinic reception",
    welcomeMessage: "Hello, this is the reception of the clinic. What can I do for you?",
    assistantProvider: "rehearsal",
    assistantModel: "rehearsal",
    assistantSystemPrompt: prompt,
    rehearsal: script,
    tools: given.tools,
    assistantPredefinedTools: ["endCall"],
    assistantAnalysis: {
      summary: { enabled: true },
      successEvaluation: {
        enabled: true,
        rubric: "PassFail",
        prompt: "The call is a success when an appointment was booked.",
      },
      structuredData: { enabled: true, schema: structuredData },
    },
    assistantServer: { url: given.url, secret: given.secret },
  };
}
