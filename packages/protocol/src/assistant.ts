import { z } from "zod";
import { assistantAnalysis } from "./analysis.ts";
import { forwardTarget } from "./call.ts";
import { jsonObject } from "./json.ts";
import { rehearsalScript } from "./rehearsal.ts";
import { assistantServer, orEmpty, serverAddress } from "./server.ts";
import { assistantTool } from "./tool.ts";

export const providers = ["openai", "azure", "gemini", "deepseek", "custom-llm", "rehearsal"] as const;
export type Provider = (typeof providers)[number];

export const welcomeModes = ["assistant-speaks-first", "assistant-waits-for-user", "automatic"] as const;
export type WelcomeMode = (typeof welcomeModes)[number];

const words = z.string().max(4_000);

const builtInNames = ["endCall", "callForward"] as const;
const builtIns = z.array(z.enum(builtInNames));

/** A list of names, or the vendor's object that says of each name whether it is on. */
const predefinedTools = z.preprocess<
  unknown,
  typeof builtIns,
  z.infer<typeof builtIns> | Record<string, boolean>
>((given, context) => {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return given;
  const said = Object.entries(given);
  for (const [name, on] of said) {
    const message = switchFault(name, on);
    if (message !== undefined) context.addIssue({ code: "custom", path: [name], message });
  }
  return said.flatMap(([name, on]) => (on ? [name] : []));
}, builtIns);

function switchFault(name: string, on: unknown): string | undefined {
  if (typeof on !== "boolean") return "true or false";
  if (!on || builtInNames.some((known) => known === name)) return undefined;
  return `this server has no such tool: it has ${builtInNames.join(" and ")}; say false, or leave it out`;
}

const target = forwardTarget.loose();

/** Where to forward to; the vendor also writes a list of one, and [] for nowhere. */
const callForwardData = z.preprocess<
  unknown,
  z.ZodOptional<typeof target>,
  z.input<typeof target> | readonly z.input<typeof target>[] | undefined
>((given, context) => {
  if (!Array.isArray(given)) return given;
  if (given.length > 1) context.addIssue("one number to forward to: this server takes no list of them");
  return given[0];
}, target.optional());

/** When the assistant stops for the user: the vendor's fields, and the acknowledgements that never stop it. */
const stopSpeaking = z.looseObject({
  /** So many words of the user break in; 0: a voice alone makes the assistant pause. */
  numberOfWords: z.number().int().min(0).max(100).default(0),
  /** Seconds of voice until it counts; a matter of the channel that hears it. */
  voiceSeconds: z.number().min(0).max(60).optional(),
  /** What a listener says to show that they listen; instead of our list. */
  acknowledgementPhrases: z.array(z.string().min(1).max(100)).max(200).optional(),
});

/** What a model costs, in US dollars per million tokens. */
export const modelPrice = z.object({ input: z.number().min(0).max(1e6), output: z.number().min(0).max(1e6) });
export type ModelPrice = z.infer<typeof modelPrice>;

/** A model that is asked when the one before it fails. */
const fallbackModel = z
  .looseObject({
    provider: z.enum(providers),
    model: z.string().min(1).max(200),
    /** Base URL, for `custom-llm`. */
    url: orEmpty(serverAddress),
    price: modelPrice.optional(),
  })
  .superRefine(({ provider, url }, context) => {
    if (provider === "custom-llm" && url === undefined)
      context.addIssue({
        code: "custom",
        path: ["url"],
        message: "custom-llm needs the base URL of the model",
      });
  });

const fields = {
  name: z.string().min(1).max(200),
  welcomeMessage: words.default(""),
  welcomeMessageMode: z.enum(welcomeModes).default("assistant-speaks-first"),
  welcomeMessageInterruptionsEnabled: z.boolean().default(true),
  bargeInEnabled: z.boolean().default(true),
  assistantProvider: z.enum(providers).default("openai"),
  assistantModel: z.string().max(200).default("gpt-4.1-mini"),
  /** Base URL; `/chat/completions` is appended. */
  assistantLLMUrl: orEmpty(serverAddress),
  /** What `assistantModel` costs, for the report; absent: the operator's table. */
  assistantModelPrice: modelPrice.optional(),
  /** Asked in this order when `assistantModel` fails before its first content. */
  fallbackModels: z.array(fallbackModel).max(4).default([]),
  /** How long a model that has another behind it may take to its first content. */
  fallbackAfterMs: z.number().int().min(200).max(55_000).default(10_000),
  /** May hold `{{variable}}` and `{{date}}`. */
  assistantSystemPrompt: z.string().max(200_000).default(""),
  assistantTemperature: z.number().min(0).max(2).default(0),
  assistantMaxTokens: z.number().int().min(1).max(100_000).default(256),
  config: z.looseObject({ speech: jsonObject.optional() }).optional(),
  hints: z.array(z.string()).optional(),
  dtmfInputEnabled: z.boolean().default(false),
  /** Seconds. */
  maxCallDuration: z.number().min(1).max(86_400).default(900),
  /** The word before `maxCallDuration` is over; without a `message` the model says it. */
  maxCallDurationWarning: z
    .looseObject({ secondsBefore: z.number().min(1).max(3_600).default(30), message: words.optional() })
    .optional(),
  /** Seconds. */
  idleTimeout: z.number().min(1).max(3_600).default(20),
  maxIdleMessagesInSequence: z.number().int().min(0).max(20).default(3),
  startSpeakingOptions: jsonObject.optional(),
  stopSpeakingOptions: stopSpeaking.optional(),
  assistantToolIds: z.array(z.string().max(64)).max(64).default([]),
  assistantPredefinedTools: predefinedTools.default([]),
  callForwardData,
  endCallMessage: words.default(""),
  endCallToolDescription: z.string().max(4_000).optional(),
  endCallPhrases: z.array(z.string().min(1).max(200)).max(50).default([]),
  assistantAnalysis: assistantAnalysis.optional(),
  assistantServer: assistantServer.optional(),
  metadata: jsonObject.default({}),
  tools: z.array(assistantTool).max(64).default([]),
  idleMessages: z.array(words).max(20).default([]),
  hangThresholdMs: z.number().int().min(100).max(600_000).default(5_000),
  hangRecovery: z
    .union([z.literal("none"), z.object({ say: words }), z.object({ model: z.string().max(200) })], {
      error: 'what to do about a hang: "none", {"say": "some words"} or {"model": "another model"}',
    })
    .default("none"),
  /** A script for the `rehearsal` provider. */
  rehearsal: rehearsalScript.optional(),
};

/**
 * An assistant as a client sends it (contract 1.2): the vendor's fields and
 * ours, with their defaults. Unknown fields are kept and returned.
 */
export const assistantBody = z.looseObject(fields).superRefine((assistant, context) => {
  if (assistant.assistantProvider === "custom-llm" && assistant.assistantLLMUrl === undefined)
    context.addIssue({
      code: "custom",
      path: ["assistantLLMUrl"],
      message: "custom-llm needs the base URL of the model",
    });
});
export type AssistantBody = z.infer<typeof assistantBody>;

/** A stored assistant. */
export type Assistant = AssistantBody & { _id: string; createdAt?: string; updatedAt?: string };
