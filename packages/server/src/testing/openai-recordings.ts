import type { JsonObject } from "@offhook/protocol";
import { fieldOf, itemsOf, textOf } from "../models/loose-json.ts";
import { failure, type Reply } from "./openai-replies.ts";
import type { RecordedRequest } from "./openai-server.ts";

/**
 * How a known server streams the same conversation: it calls `findSlots` for
 * Tuesday and for Wednesday in one reply, and then says {@link spoken}. The
 * lines are in the dress of each server, written down from the issues and the
 * sources that `from` names; nothing here was recorded from a running server.
 */
export type Recording = {
  from: string;
  /** The deltas of the two tool calls, one string of JSON for each chunk's `choices[0]`. */
  calls: readonly string[];
  /** What a chunk has besides its choices. */
  dress: JsonObject;
  usage: "last-chunk" | "with-the-end" | "never";
  /** What the server says to a request that it does not take; `undefined` when it takes it. */
  refuses?: (request: RecordedRequest) => Reply | undefined;
};

/** What every server says once the tools have answered. */
export const spoken = "Nine o'clock is free.";

/** What a recording streams for a request: tool calls for the first, words when the tools have answered. */
export function replayed(recording: Recording, request: RecordedRequest): Reply {
  const refused = unpaired(request) ?? recording.refuses?.(request);
  if (refused !== undefined) return refused;
  const choices = idsIn(request).answered.length === 0 ? recording.calls : words(spoken);
  return { kind: "stream", steps: linesOf(recording, choices).map((text) => ({ kind: "raw", text })) };
}

function linesOf({ dress, usage }: Recording, choices: readonly string[]): string[] {
  const told = { prompt_tokens: 40, completion_tokens: 12, total_tokens: 52 };
  const lines = choices.map((choice, at) => {
    const isLast = at === choices.length - 1;
    const more = usage === "with-the-end" && isLast ? { usage: told } : {};
    return JSON.stringify({ ...dress, choices: [JSON.parse(choice) as unknown], ...more });
  });
  if (usage === "last-chunk") lines.push(JSON.stringify({ ...dress, choices: [], usage: told }));
  return [...lines, "[DONE]"].map((line) => `data: ${line}\n\n`);
}

function words(text: string): string[] {
  const [first = "", ...rest] = text.match(/\s*\S+/gu) ?? [];
  return [
    JSON.stringify({ index: 0, delta: { role: "assistant", content: first }, finish_reason: null }),
    ...rest.map((content) => JSON.stringify({ index: 0, delta: { content }, finish_reason: null })),
    '{"index":0,"delta":{},"finish_reason":"stop"}',
  ];
}

/** Every server checks that each result has its call. */
function unpaired(request: RecordedRequest): Reply | undefined {
  const { called, answered } = idsIn(request);
  const isPaired = called.length === answered.length && called.every((id, at) => id === answered[at]);
  if (isPaired && new Set(called).size === called.length) return undefined;
  return failure(400, "An assistant message with 'tool_calls' must be followed by tool messages.");
}

function idsIn({ body }: RecordedRequest): { called: string[]; answered: string[] } {
  const messages = itemsOf(body["messages"]);
  const called = messages.flatMap((message) =>
    itemsOf(fieldOf(message, "tool_calls")).map((call) => textOf(fieldOf(call, "id"))),
  );
  const answered = messages.flatMap((message) =>
    fieldOf(message, "role") === "tool" ? [textOf(fieldOf(message, "tool_call_id"))] : [],
  );
  return { called, answered };
}

/** Mistral's own check of ids. */
function needsNine(request: RecordedRequest): Reply | undefined {
  const { called } = idsIn(request);
  const wrong = called.find((id) => !/^[a-zA-Z0-9]{9}$/u.test(id));
  if (wrong === undefined) return undefined;
  const message = `Tool call id was ${wrong} but must be a-z, A-Z, 0-9, with a length of 9.`;
  return failure(400, { object: "error", message, type: "invalid_request_error", param: null, code: null });
}

function withoutStreamOptions({ body }: RecordedRequest): Reply | undefined {
  return body["stream_options"] === undefined
    ? undefined
    : failure(400, "Unrecognized request argument supplied: stream_options");
}

function extraForbidden({ body }: RecordedRequest): Reply | undefined {
  if (body["stream_options"] === undefined) return undefined;
  const detail = [
    { type: "extra_forbidden", loc: ["body", "stream_options"], msg: "Extra inputs are not permitted" },
  ];
  return failure(422, { object: "error", message: { detail }, type: "invalid_request_error" });
}

const openAi: Recording = {
  from: "OpenAI's API reference, streaming: the pattern that the others deviate from",
  dress: {
    id: "chatcmpl-Bz1",
    object: "chat.completion.chunk",
    created: 1_764_000_000,
    model: "gpt-4.1-mini",
  },
  usage: "last-chunk",
  calls: [
    '{"index":0,"delta":{"role":"assistant","content":null},"finish_reason":null}',
    '{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_Tue0000000000000000001","type":"function","function":{"name":"findSlots","arguments":""}}]},"finish_reason":null}',
    String.raw`{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"day\":"}}]},"finish_reason":null}`,
    String.raw`{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"Tuesday\"}"}}]},"finish_reason":null}`,
    '{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_Wed0000000000000000002","type":"function","function":{"name":"findSlots","arguments":""}}]},"finish_reason":null}',
    String.raw`{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{\"day\":\"Wednesday\"}"}}]},"finish_reason":null}`,
    '{"index":0,"delta":{},"finish_reason":"tool_calls"}',
  ],
};

const ollamaDress = {
  id: "chatcmpl-495",
  object: "chat.completion.chunk",
  created: 1_732_878_000,
  model: "llama3.1",
  system_fingerprint: "fp_ollama",
};

export const recordings: Readonly<Record<string, Recording>> = {
  openAi,
  ollamaWithoutIndex: {
    from: "ollama/ollama#7881: no index; each call whole; finish_reason stop",
    dress: ollamaDress,
    usage: "never",
    calls: [
      String.raw`{"index":0,"delta":{"role":"assistant","content":"","tool_calls":[{"id":"call_l3k9x5uv","type":"function","function":{"name":"findSlots","arguments":"{\"day\":\"Tuesday\"}"}}]},"finish_reason":null}`,
      String.raw`{"index":0,"delta":{"role":"assistant","content":"","tool_calls":[{"id":"call_p0q1w2e3","type":"function","function":{"name":"findSlots","arguments":"{\"day\":\"Wednesday\"}"}}]},"finish_reason":null}`,
      '{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"stop"}',
    ],
  },
  ollamaIndexAlwaysZero: {
    from: "ollama/ollama#15457: index 0 for every call",
    dress: ollamaDress,
    usage: "last-chunk",
    calls: [
      String.raw`{"index":0,"delta":{"role":"assistant","content":"","tool_calls":[{"id":"call_a1b2c3d4","index":0,"type":"function","function":{"name":"findSlots","arguments":"{\"day\":\"Tuesday\"}"}}]},"finish_reason":null}`,
      String.raw`{"index":0,"delta":{"role":"assistant","content":"","tool_calls":[{"id":"call_e5f6g7h8","index":0,"type":"function","function":{"name":"findSlots","arguments":"{\"day\":\"Wednesday\"}"}}]},"finish_reason":null}`,
      '{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"tool_calls"}',
    ],
  },
  llamaCpp: {
    from: "llama.cpp's server: id, type and name in a call's first delta only; timings in the last chunk",
    dress: {
      id: "chatcmpl-x9",
      object: "chat.completion.chunk",
      created: 1_750_000_000,
      model: "qwen3",
      system_fingerprint: "b5630-abcdef",
    },
    usage: "last-chunk",
    calls: [
      '{"index":0,"delta":{"role":"assistant","content":null},"finish_reason":null}',
      String.raw`{"index":0,"delta":{"tool_calls":[{"index":0,"id":"nbDbeoDnQs0mlV","type":"function","function":{"name":"findSlots","arguments":"{\""}}]},"finish_reason":null}`,
      String.raw`{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"day\":\"Tuesday\"}"}}]},"finish_reason":null}`,
      String.raw`{"index":0,"delta":{"tool_calls":[{"index":1,"id":"kq0T1vfYxQwz4b","type":"function","function":{"name":"findSlots","arguments":"{\"day\":\"Wed"}}]},"finish_reason":null}`,
      String.raw`{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"nesday\"}"}}]},"finish_reason":null}`,
      '{"index":0,"delta":{},"finish_reason":"tool_calls"}',
    ],
  },
  lmStudio: {
    from: "LM Studio: no id and an empty name after a call's first delta",
    dress: {
      id: "chatcmpl-fvm7",
      object: "chat.completion.chunk",
      created: 1_740_000_000,
      model: "qwen2.5-7b-instruct",
    },
    usage: "never",
    calls: [
      '{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"417390282","type":"function","function":{"name":"findSlots","arguments":""}}]},"finish_reason":null}',
      String.raw`{"index":0,"delta":{"tool_calls":[{"index":0,"type":"function","function":{"name":"","arguments":"{\"day\":\"Tuesday\"}"}}]},"finish_reason":null}`,
      '{"index":0,"delta":{"tool_calls":[{"index":1,"id":"417390283","type":"function","function":{"name":"findSlots","arguments":""}}]},"finish_reason":null}',
      String.raw`{"index":0,"delta":{"tool_calls":[{"index":1,"type":"function","function":{"name":"","arguments":"{\"day\":\"Wednesday\"}"}}]},"finish_reason":null}`,
      '{"index":0,"delta":{},"finish_reason":"tool_calls"}',
    ],
  },
  vllm: {
    from: "vllm-project/vllm#16346 and #38603: no type; later null for type, id and name",
    dress: {
      id: "chatcmpl-7d0",
      object: "chat.completion.chunk",
      created: 1_744_000_000,
      model: "Qwen/Qwen3-8B",
    },
    usage: "last-chunk",
    calls: [
      '{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}',
      '{"index":0,"delta":{"tool_calls":[{"index":0,"id":"chatcmpl-tool-a91f","function":{"name":"findSlots"}}]},"logprobs":null,"finish_reason":null}',
      String.raw`{"index":0,"delta":{"tool_calls":[{"index":0,"id":null,"type":null,"function":{"name":null,"arguments":"{\"day\": \"Tuesday\"}"}}]},"logprobs":null,"finish_reason":null}`,
      '{"index":0,"delta":{"tool_calls":[{"index":1,"id":"chatcmpl-tool-b72c","function":{"name":"findSlots"}}]},"logprobs":null,"finish_reason":null}',
      String.raw`{"index":0,"delta":{"tool_calls":[{"index":1,"id":null,"type":null,"function":{"name":null,"arguments":"{\"day\": \"Wednesday\"}"}}]},"logprobs":null,"finish_reason":"tool_calls","stop_reason":null}`,
    ],
  },
  bedrockGateway: {
    from: "aws-samples/bedrock-access-gateway: index counts content blocks less one, so that it begins at -1 where no text comes first; role in every delta",
    dress: {
      id: "chatcmpl-5e8",
      object: "chat.completion.chunk",
      created: 1_745_000_000,
      model: "anthropic.claude-3-5-sonnet",
      system_fingerprint: "fp",
    },
    usage: "last-chunk",
    refuses: withoutStreamOptions,
    calls: [
      '{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}',
      '{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":-1,"id":"tooluse_kZJMlvQmRJ6eAyJE5GIl7Q","type":"function","function":{"name":"findSlots","arguments":""}}]},"finish_reason":null}',
      String.raw`{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":-1,"function":{"arguments":"{\"day\": "}}]},"finish_reason":null}`,
      String.raw`{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":-1,"function":{"arguments":"\"Tuesday\"}"}}]},"finish_reason":null}`,
      '{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"id":"tooluse_0b9s7WuJTyqE9q7ZVnY0Yg","type":"function","function":{"name":"findSlots","arguments":""}}]},"finish_reason":null}',
      String.raw`{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,"function":{"arguments":"{\"day\": \"Wednesday\"}"}}]},"finish_reason":null}`,
      '{"index":0,"delta":{"role":"assistant"},"finish_reason":"tool_calls"}',
    ],
  },
  mistral: {
    from: "Mistral's API: no type, whole calls with the end, usage in the same chunk; ids of 9 letters and digits or a refusal; once no stream_options either",
    dress: {
      id: "cmpl-e5cc",
      object: "chat.completion.chunk",
      created: 1_720_000_000,
      model: "mistral-large-2411",
    },
    usage: "with-the-end",
    refuses: (request) => extraForbidden(request) ?? needsNine(request),
    calls: [
      '{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}',
      String.raw`{"index":0,"delta":{"content":"","tool_calls":[{"id":"D681PevKs","function":{"name":"findSlots","arguments":"{\"day\": \"Tuesday\"}"},"index":0},{"id":"x7Yw2QbTn","function":{"name":"findSlots","arguments":"{\"day\": \"Wednesday\"}"},"index":1}]},"finish_reason":"tool_calls"}`,
    ],
  },
  mistralTemplateWithoutIds: {
    from: "a gateway that gives no ids in front of a template of Mistral's, which wants 9 letters and digits",
    dress: { id: "chat-1", object: "chat.completion.chunk", created: 1_720_000_000, model: "mistral-nemo" },
    usage: "never",
    refuses: needsNine,
    calls: [
      String.raw`{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"function":{"name":"findSlots","arguments":{"day":"Tuesday"}}},{"function":{"name":"findSlots","arguments":{"day":"Wednesday"}}}]},"finish_reason":"tool_calls"}`,
    ],
  },
  refusesStreamOptions: {
    ...openAi,
    from: "servers from before stream_options",
    usage: "never",
    refuses: withoutStreamOptions,
  },
};
