import type { JsonObject } from "@offhook/protocol";
import { callChunk, finishChunk } from "./openai-replies.ts";

/** The ways in which known servers deviate when they call `findSlots` with `{"day": "Tuesday"}`. */
export const deviating = {
  /** Ollama: the call whole, without `index`. */
  noIndex: [
    callChunk({
      id: "call_o1",
      type: "function",
      function: { name: "findSlots", arguments: '{"day":"Tuesday"}' },
    }),
    finishChunk("stop"),
  ],
  /** llama.cpp, LM Studio: the id in the first delta only. */
  idOnlyFirst: [
    callChunk({ index: 0, id: "abc", type: "function", function: { name: "findSlots", arguments: "" } }),
    callChunk({ index: 0, function: { arguments: '{"day":' } }),
    callChunk({ index: 0, function: { arguments: '"Tuesday"}' } }),
    finishChunk("tool_calls"),
  ],
  /** vLLM: no `type`. */
  noType: [
    callChunk({ index: 0, id: "v1", function: { name: "findSlots" } }),
    callChunk({ index: 0, function: { arguments: '{"day":"Tuesday"}' } }),
    finishChunk("tool_calls"),
  ],
  /** Proxies that count deltas in `index`. */
  indexChanges: [
    callChunk({ index: 0, id: "p1", function: { name: "findSlots", arguments: "" } }),
    callChunk({ index: 1, id: "p1", function: { arguments: '{"day":' } }),
    callChunk({ index: 2, function: { arguments: '"Tuesday"}' } }),
    finishChunk("tool_calls"),
  ],
  /** Arguments as an object. */
  objectArguments: [
    callChunk({ index: 0, id: "o1", function: { name: "findSlots", arguments: { day: "Tuesday" } } }),
    finishChunk("tool_calls"),
  ],
  /** No id at all, and `finish_reason` "stop". */
  noId: [
    callChunk({ index: 0, function: { name: "findSlots", arguments: '{"day":"Tuesday"}' } }),
    finishChunk("stop"),
  ],
} as const satisfies Record<string, readonly JsonObject[]>;
