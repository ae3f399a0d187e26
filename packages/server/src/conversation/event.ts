import type { Control, JsonObject, ModelUsage, ToolOutcome } from "@offhook/protocol";
import type { ChannelNews } from "../channel.ts";
import type { ModelFailure, ModelName } from "../model.ts";

/** A tool call with its arguments read: either an object, or what is wrong with them. */
export type ReadToolCall = {
  modelCallId: string;
  name: string;
  arguments: { kind: "read"; value: JsonObject } | { kind: "broken"; fault: string };
};

export type Event =
  | ChannelNews
  | { type: "model-text"; replyId: string; text: string }
  | { type: "model-tool-call-begun"; replyId: string; name: string }
  | { type: "model-finished"; replyId: string; toolCalls: readonly ReadToolCall[]; usage?: ModelUsage }
  | { type: "model-failed-over"; replyId: string; failure: ModelFailure; to: ModelName }
  | { type: "model-failed"; replyId: string; failure: ModelFailure }
  | { type: "tool-answered"; toolCallId: string; outcome: ToolOutcome }
  | { type: "controlled"; control: Control }
  | { type: "deadline-passed" }
  | { type: "stopped" };

export type EventType = Event["type"];
export type EventOf<Type extends EventType> = Extract<Event, { type: Type }>;
