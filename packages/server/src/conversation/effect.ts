import type { Happening, JsonObject, Tool } from "@offhook/protocol";
import type { ModelMessage, ModelSettings } from "../model.ts";
import type { Setup } from "./state.ts";

/** What the shell is to do, once the entries of the same step are on disk; of a model, as soon as they are on their way there. */
export type Effect =
  | { type: "ask-model"; replyId: string; request: ModelAsk }
  | { type: "stop-model"; replyId: string }
  | { type: "ask-tool"; toolCallId: string; modelCallId: string; tool: Tool; arguments: JsonObject }
  | { type: "say"; messageId: string; text: string; last: boolean }
  | { type: "hush"; messageId: string }
  /** Holds the tongue: what is said from now on waits. */
  | { type: "pause" }
  /** Goes on from where it was heard. */
  | { type: "resume" }
  | { type: "close-channel" };

export type ModelAsk = {
  settings: ModelSettings;
  messages: readonly ModelMessage[];
  /** What may be called in this round; `none` makes the model speak. */
  tools: "none" | Pick<Setup, "tools" | "builtIns" | "endCallToolDescription">;
};

/** Collects what one step writes and does. */
export type Out = { now: number; entries: Happening[]; effects: Effect[] };
