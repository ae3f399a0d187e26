import type {
  CallId,
  EndedReason,
  EndTrigger,
  ForwardTarget,
  HappeningOf,
  Json,
  Tool,
  WelcomeMode,
} from "@offhook/protocol";
import type { ModelMessage, ModelSettings } from "../model.ts";
import type { Answer } from "./event.ts";
import { type Playback, silence } from "./playback.ts";

/** Who answers, as far as the call's behaviour depends on it. */
export type Setup = {
  /** How the channel plays: everything is heard at once, or it takes its time and says how far it came. */
  playback: "instant" | "reported";
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
  hangRecovery: HangRecovery;
  maxCallMs: number;
  /** The word before `maxCallMs` is over: `text` is said; without one the model says it. */
  warning: { beforeMs: number; text: string | undefined } | undefined;
  /** What is said to a user who is silent, and how often in sequence before the call ends. */
  idle: { timeoutMs: number; messages: readonly string[]; messagesMax: number };
  bargeIn: boolean;
  welcomeBargeIn: boolean;
  /** So many words break in on what is being said; 0: a voice alone makes it pause. */
  wordsToBreakIn: number;
  /** What a listener says to show that they listen: it breaks in on nothing. */
  acknowledgements: readonly string[];
  /** What a tool without its own server may take, in ms. */
  toolTimeoutMs: number;
};

export type HangRecovery = "none" | { say: string } | { model: string };

/** What every state of a call carries. */
export type Core = {
  id: CallId;
  setup: Setup;
  /** How many of each were made; ids are counted from it. */
  made: { messages: number; turns: number; replies: number; toolCalls: number };
  /** The conversation as the model is given it, without the prompt: of what was cut, the part that was heard. */
  history: readonly Remembered[];
  /** What the channel was given and the user has not heard to the end. */
  playback: Playback;
  user: User;
  /** What waits for the call to listen, oldest first. */
  agenda: readonly Agendum[];
  attention: "answering" | "muted";
  /** Idle messages in sequence, since the user's last words. */
  idleMessages: number;
  /** Turns in sequence that the model failed. */
  failedTurns: number;
  /** Tool calls that nobody waits for any more, whose answers are recorded. */
  background: readonly Errand[];
  /** Tool calls whose result may still be brought in: async ones, and those that were given up. */
  open: readonly { toolCallId: string; name: string }[];
};

/** A core whose line stands; times are epoch ms. */
export type Live = Core & { endsAt: number; warnAt: number | undefined };

/** An item of the history; what the assistant says is found again by its message. */
export type Remembered =
  | ModelMessage
  | (Extract<ModelMessage, { role: "assistant" }> & { messageId: string | undefined });

/**
 * What the user does. Who speaks has the floor to themselves when the
 * assistant holds its tongue for them, and shares it when it goes on. `since`
 * is when they were heard last, in epoch ms.
 */
export type User =
  | { kind: "listening" }
  | { kind: "speaking"; since: number; floor: "taken" | "shared" }
  | { kind: "away" };

/** A tool call on its way; `key` is the same for the same call. */
export type Errand = { toolCallId: string; name: string; key: string; askedAt: number };

export type Agendum =
  /** What the user said and is written, in the order of saying; `respond` when it is to be answered. One item holds all. */
  | { kind: "words"; said: readonly string[]; respond: boolean }
  | { kind: "say"; text: string }
  | { kind: "message"; role: "user" | "assistant" | "system"; text: string; respond: boolean }
  | { kind: "tool-result"; name: string; result: Json }
  | { kind: "warning"; leftMs: number; text: string | undefined };

export type Turn = {
  id: string;
  cause: HappeningOf<"turn-started">["cause"];
  /** Who answers in this turn: an update counts from the next one on. */
  setup: Setup;
  /** Epoch ms of the last content of the assistant, given or heard, or of the turn's start. */
  quietSince: number;
  hang: Hang;
  rounds: number;
  /** Requests made in this round. */
  requests: number;
  /** The tools that were called with arguments that do not fit, each once. */
  misfits: readonly string[];
};

/** Whether the turn has hung; `by` is the content that ends it: given by the model, or heard by the user. */
export type Hang =
  | { kind: "none" }
  | { kind: "raised"; quietSince: number; by: "given" | "heard" }
  | { kind: "recovered" };

export type PendingReply = { id: string; messageId: string; requestedAt: number };
export type StreamingReply = PendingReply & { text: string; firstContentAt: number };

/** Something to say while a tool is at work; `at` is epoch ms. */
export type Filler = { at: number; text: string };

/** A tool call of the turn; `giveUpAt` is epoch ms. */
export type Call =
  | (Errand & {
      kind: "pending";
      modelCallId: string;
      giveUpAt: number;
      /** What is still to be said while it is waited for, soonest first. */
      fillers: readonly Filler[];
      complete: string;
      failed: string;
    })
  | { kind: "answered"; toolCallId: string; modelCallId: string; name: string; text: string }
  /** The same call as another of its reply, whose answer it shares. */
  | { kind: "same"; modelCallId: string; name: string; as: string };

export type Ending = { reason: EndedReason; by: EndTrigger; forwardedTo?: ForwardTarget };

/** What follows when the tools have answered. */
export type After = { kind: "think" } | { kind: "close"; ending: Ending };

export type State =
  | { name: "queued"; core: Core; connectBy: number }
  | { name: "listening"; core: Live; since: number }
  | { name: "thinking"; core: Live; turn: Turn; reply: PendingReply }
  | { name: "replying"; core: Live; turn: Turn; reply: StreamingReply }
  | { name: "held"; core: Live; turn: Turn; reply: StreamingReply; answer: Answer }
  | {
      name: "acting";
      core: Live;
      turn: Turn;
      calls: readonly Call[];
      meanwhile: readonly Remembered[];
      after: After;
    }
  | { name: "speaking"; core: Live; turn: Turn | undefined }
  | { name: "closing"; core: Live; ending: Ending; giveUpAt: number }
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
    playback: silence,
    user: { kind: "listening" },
    agenda: [],
    attention: "answering",
    idleMessages: 0,
    failedTurns: 0,
    background: [],
    open: [],
  };
  return { name: "queued", core, connectBy: input.connectBy };
}
