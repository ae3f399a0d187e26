import type { Control, JsonObject, ModelUsage, ToolHttp, ToolOutcome } from "@offhook/protocol";
import type { ChannelNews } from "../channel.ts";
import type { ModelFailure, ModelName } from "../model.ts";

/** A tool call with its arguments read: either an object that fits the tool, or what is wrong with them. */
export type ReadToolCall = {
  modelCallId: string;
  name: string;
  arguments: { kind: "read"; value: JsonObject } | { kind: "broken"; fault: string };
};

/** The end of a reply: what it calls, and what it cost. */
export type Answer = { toolCalls: readonly ReadToolCall[]; usage?: ModelUsage };

export type Event =
  | ChannelNews
  | { type: "model-text"; replyId: string; text: string }
  | { type: "model-tool-call-begun"; replyId: string; name: string }
  | ({ type: "model-finished"; replyId: string } & Answer)
  | { type: "model-failed-over"; replyId: string; failure: ModelFailure; to: ModelName }
  | { type: "model-failed"; replyId: string; failure: ModelFailure }
  | { type: "tool-answered"; toolCallId: string; outcome: ToolOutcome; http?: ToolHttp }
  | { type: "controlled"; control: Control }
  | { type: "deadline-passed" }
  | { type: "stopped" };

export type EventType = Event["type"];
export type EventOf<Type extends EventType> = Extract<Event, { type: Type }>;
