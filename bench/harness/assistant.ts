import { benchSecret } from "./event.ts";

/** A system prompt of a usual length, for the server's assistant and for the bare client. */
export const systemPrompt =
  "You answer the telephone of a dental practice. Be brief and kind. Offer free slots, never invent one. ".repeat(
    6,
  );

/** An assistant that stays on the line as long as a bench lasts. */
export function assistantFor(serverUrl: string) {
  return {
    name: "Bench",
    assistantProvider: "openai",
    assistantModel: "bench",
    assistantSystemPrompt: systemPrompt,
    welcomeMessageMode: "assistant-waits-for-user",
    maxCallDuration: 86_400,
    idleTimeout: 3_600,
    maxIdleMessagesInSequence: 0,
    assistantServer: { url: serverUrl, secret: benchSecret },
  } as const;
}
