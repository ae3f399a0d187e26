import type { AssistantBody } from "@offhook/protocol";
import { targetOf } from "../assistants/fallback-target.ts";
import type { Resolved } from "../assistants/resolve.ts";
import type { OpenChannel } from "../channel.ts";
import type { Setup } from "../conversation/state.ts";

/** The assistant as the conversation needs it. */
export function setupOf(
  { assistant }: Pick<Resolved, "assistant">,
  { playback }: Pick<OpenChannel, "playback">,
): Setup {
  return {
    playback,
    model: modelOf(assistant),
    prompt: assistant.assistantSystemPrompt,
    welcome: { mode: assistant.welcomeMessageMode, text: assistant.welcomeMessage },
    tools: assistant.tools,
    builtIns: assistant.assistantPredefinedTools,
    endCallToolDescription: assistant.endCallToolDescription,
    forwardTo: assistant.callForwardData,
    endCallMessage: assistant.endCallMessage,
    endCallPhrases: assistant.endCallPhrases,
    hangThresholdMs: assistant.hangThresholdMs,
    hangRecovery: assistant.hangRecovery,
    maxCallMs: assistant.maxCallDuration * 1_000,
    warning: warningOf(assistant),
    toolTimeoutMs: (assistant.assistantServer?.timeoutSeconds ?? 20) * 1_000,
    ...floorOf(assistant),
  };
}

function modelOf(assistant: AssistantBody): Setup["model"] {
  const { assistantLLMUrl, rehearsal, fallbackModels, fallbackAfterMs } = assistant;
  return {
    provider: assistant.assistantProvider,
    model: assistant.assistantModel,
    temperature: assistant.assistantTemperature,
    maxTokens: assistant.assistantMaxTokens,
    ...(assistantLLMUrl === undefined ? {} : { baseUrl: assistantLLMUrl }),
    ...(rehearsal === undefined ? {} : { script: rehearsal }),
    ...(fallbackModels.length === 0 ? {} : { fallbacks: fallbackModels.map(targetOf), fallbackAfterMs }),
  };
}

function warningOf({ maxCallDurationWarning: warning }: AssistantBody): Setup["warning"] {
  return warning && { beforeMs: warning.secondsBefore * 1_000, text: warning.message };
}

type Floor = Pick<Setup, "bargeIn" | "welcomeBargeIn" | "wordsToBreakIn" | "acknowledgements" | "idle">;

function floorOf(assistant: AssistantBody): Floor {
  const { stopSpeakingOptions: stop } = assistant;
  return {
    bargeIn: assistant.bargeInEnabled,
    welcomeBargeIn: assistant.welcomeMessageInterruptionsEnabled,
    wordsToBreakIn: stop?.numberOfWords ?? 0,
    acknowledgements: stop?.acknowledgementPhrases ?? acknowledgements,
    idle: {
      timeoutMs: assistant.idleTimeout * 1_000,
      messages: assistant.idleMessages,
      messagesMax: assistant.maxIdleMessagesInSequence,
    },
  };
}

/** Sounds of a listener that are no words: “yes” and “okay” may be answers, so they are not among them. */
const acknowledgements = [
  "ah",
  "aha",
  "hm",
  "hmm",
  "hmmm",
  "mhm",
  "mm",
  "mm-hm",
  "mm-hmm",
  "mmm",
  "uh-huh",
  "uh huh",
] as const;
