import type {
  CallId,
  EndedReason,
  EndTrigger,
  ForwardTarget,
  Json,
  Tool,
  WelcomeMode,
} from "@offhook/protocol";
import type { ModelMessage, ModelSettings } from "../model.ts";

/** Who answers, as far as the call's behaviour depends on it. */
export type Setup = {
  channel: "chat";
  model: ModelSettings;
  prompt: string;
  welcome: { mode: WelcomeMode; text: string };
  tools: readonly Tool[];
  builtIns: readonly ("endCall" | "callForward")[];
  endCallToolDescription: string | undefined;
  forwardTo: ForwardTarget | undefined;
  endCallMessage: string;
  endCallPhrases: readonly string[];
  hangThresholdMs: number;
  maxCallMs: number;
  bargeIn: boolean;
  /** What a tool without its own server may take, in ms. */
  toolTimeoutMs: number;
};

/** What every state of a call carries. */
export type Core = {
  id: CallId;
  setup: Setup;
  /** How many of each were made; ids are counted from it. */
  made: { messages: number; turns: number; replies: number; toolCalls: number };
  /** The conversation as the model is given it, without the prompt. */
  history: readonly ModelMessage[];
  /** What waits for the call to listen, oldest first. */
  agenda: readonly Agendum[];
  attention: "answering" | "muted";
  /** Turns in sequence that the model failed. */
  failedTurns: number;
  /** Tool calls that nobody waits for any more, whose answers are recorded. */
  background: readonly Errand[];
  /** Async tool calls whose result may still be brought in. */
  open: readonly { toolCallId: string; name: string }[];
};

/** A core whose line stands; `endsAt` is epoch ms. */
export type Live = Core & { endsAt: number };

export type Errand = { toolCallId: string; name: string; askedAt: number };

export type Agendum =
  | { kind: "words"; text: string }
  | { kind: "say"; text: string }
  | { kind: "message"; role: "user" | "assistant" | "system"; text: string; respond: boolean }
  | { kind: "tool-result"; name: string; result: Json };

export type Turn = {
  id: string;
  /** Who answers in this turn: an update counts from the next one on. */
  setup: Setup;
  /** Epoch ms of the last content of the assistant, or of the turn's start. */
  quietSince: number;
  hang: { kind: "none" } | { kind: "raised"; quietSince: number };
  rounds: number;
  /** Requests made in this round. */
  requests: number;
};

export type PendingReply = { id: string; messageId: string; requestedAt: number };
export type StreamingReply = PendingReply & { text: string; firstContentAt: number };

/** A tool call of the turn; `giveUpAt` is epoch ms. */
export type Call =
  | (Errand & { kind: "pending"; modelCallId: string; giveUpAt: number })
  | { kind: "answered"; modelCallId: string; name: string; text: string };

export type Ending = { reason: EndedReason; by: EndTrigger; forwardedTo?: ForwardTarget };

/** What follows when the tools have answered. */
export type After = { kind: "think" } | { kind: "close"; ending: Ending; lastWords: string | null };

export type State =
  | { name: "queued"; core: Core; connectBy: number }
  | { name: "listening"; core: Live }
  | { name: "thinking"; core: Live; turn: Turn; reply: PendingReply }
  | { name: "replying"; core: Live; turn: Turn; reply: StreamingReply }
  | {
      name: "acting";
      core: Live;
      turn: Turn;
      calls: readonly Call[];
      meanwhile: readonly ModelMessage[];
      after: After;
    }
  | { name: "closing"; core: Live; ending: Ending; lastWords: string; giveUpAt: number }
  | { name: "ended"; core: Core };

export type StateName = State["name"];
export type StateOf<Name extends StateName> = Extract<State, { name: Name }>;

/** A call that has just been made. */
export function queued(input: { id: CallId; setup: Setup; connectBy: number }): StateOf<"queued"> {
  const core: Core = {
    id: input.id,
    setup: input.setup,
    made: { messages: 0, turns: 0, replies: 0, toolCalls: 0 },
    history: [],
    agenda: [],
    attention: "answering",
    failedTurns: 0,
    background: [],
    open: [],
  };
  return { name: "queued", core, connectBy: input.connectBy };
}
