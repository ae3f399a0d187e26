import type { JsonObject } from "@offhook/protocol";

const serverUrl = "http://127.0.0.1:9/offhook";

/** An assistant with a bit of everything. */
export const assistant: JsonObject = {
  name: "Clinic",
  welcomeMessage: "Hello {{name}}.",
  assistantProvider: "rehearsal",
  assistantTemperature: 0.5,
  maxCallDuration: 60,
  idleTimeout: 20,
  endCallPhrases: ["goodbye"],
  hangRecovery: { say: "One moment." },
  assistantServer: {
    url: serverUrl,
    secret: "a secret",
    headers: { "x-a": "b" },
    messages: ["status-update", "hang"],
  },
  tools: [
    {
      name: "book",
      description: "Books",
      parameters: { type: "object", properties: { day: { type: "string" } } },
    },
  ],
  assistantPredefinedTools: ["endCall"],
  assistantAnalysis: {
    summary: { enabled: true },
    structuredData: { enabled: true, schema: { type: "object" } },
  },
  rehearsal: { rules: [{ when: ["book {day}"], call: [{ name: "book", arguments: { day: "{{day}}" } }] }] },
};

/** Bodies that are accepted, by the operation that takes them. */
export const bodies: Record<string, readonly JsonObject[]> = {
  "/assistants/v1/assistants": [assistant],
  "/assistants/v1/assistants/{id}": [{ name: "Other" }, assistant],
  "/assistants/v1/tools": [
    { name: "book", async: true, server: { url: serverUrl, timeoutSeconds: 5 }, staticParameters: { a: 1 } },
    { type: "function", function: { name: "book", parameters: { type: "object" } } },
  ],
  "/assistants/v1/tools/{id}/test": [{ arguments: { day: "Tuesday" } }],
  "/assistants/v1/numbers": [{ number: "+15550100", provider: { name: "x" } }],
  "/calls/v1/conversations/connect": [
    {
      assistant,
      customer: { number: "web-a", name: "A" },
      metadata: { a: [1] },
      assistantOverrides: { dynamicVariables: { name: "A" }, idleTimeout: 5 },
    },
  ],
  "/calls/v1/conversations": [{ assistant, userNumber: "web-a" }],
  "/calls/v1/conversations/{id}/control": [
    { type: "say", message: "Hello" },
    { type: "add-message", role: "user", text: "Hello", respond: true },
    { type: "dtmf", digits: "12#" },
    { type: "mute" },
    { type: "unmute" },
    { type: "tool-result", toolCallId: "x", result: { a: 1 } },
    { type: "update", assistantSystemPrompt: "Be brief." },
    { type: "forward", phoneNumber: "+15550100" },
    { type: "end" },
  ],
  "/calls/v1/conversations/{id}/messages": [
    { text: "book Tuesday" },
    { text: 'call book {"day": 1}' },
    { text: "goodbye" },
  ],
  "/events/v1/deliveries/redeliver": [{ state: "delivered", type: "status-update", since: "2026-03-02" }],
  "/events/v1/test": [
    { url: serverUrl, type: "hang" },
    { assistantId: "asst-1", assistantServer: { secret: "a secret for once" } },
  ],
};

/** Frames that a client of a live socket may send. */
export const frames: readonly JsonObject[] = [
  { type: "say", text: "Good morning" },
  { type: "say", text: 'call book {"day": 1}' },
];

/** Answers of a tool's server that are understood. */
export const toolAnswers: readonly JsonObject[] = [
  { result: "text" },
  { result: '{"a": [1]}' },
  {
    results: [
      { toolCallId: "tool-1", result: { a: 1 } },
      { toolCallId: "x", error: "no" },
    ],
  },
  { error: { message: "it is closed" } },
];

/** Chunks of a model's stream. */
export const chunks: readonly JsonObject[] = [
  {
    id: "c",
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta: { role: "assistant", content: "Hel<think>" }, finish_reason: null }],
  },
  {
    id: "c",
    choices: [
      {
        index: 0,
        delta: {
          tool_calls: [
            { index: 0, id: "call_1", type: "function", function: { name: "book", arguments: '{"a":' } },
          ],
        },
      },
    ],
  },
  {
    id: "c",
    choices: [
      {
        index: 0,
        delta: { tool_calls: [{ index: 0, function: { arguments: "1}" } }] },
        finish_reason: "tool_calls",
      },
    ],
  },
  { id: "c", choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
];
