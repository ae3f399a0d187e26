import type {
  Call,
  CallId,
  ConnectBody,
  Control,
  LiveState,
  Message,
  Refusal,
  TeamId,
  turnOutcomes,
} from "@offhook/protocol";

/** What clients may do with calls. */
export type CallDoors = {
  /** Makes a call and lets it begin; what may have happened to it since is in its journal. */
  connect(given: Connecting): Promise<Call | Refusal>;
  /** Steers a live call. */
  control(given: { teamId: TeamId; callId: CallId; control: Control }): Promise<Refusal | undefined>;
  /**
   * The user says something in a chat. Answers when it is on disk; `reply`
   * settles when the turn that it began has ended.
   */
  hear(given: { teamId: TeamId; callId: CallId; text: string }): Promise<Heard | Refusal>;
  /** The user hangs up. */
  leave(given: { teamId: TeamId; callId: CallId }): Promise<Refusal | undefined>;
  /** What each side of a live call does now. */
  look(whom: { teamId: TeamId; callId: CallId }): Promise<LiveState | undefined>;
};

/** The life of every call that this server holds. */
export type Calls = CallDoors & {
  /** Whether a live call is held here. */
  holds(whom: { teamId: TeamId; callId: CallId }): boolean;
  /** Whether a call is held here, or has its report still to be written here. */
  knows(callId: CallId): boolean;

  /** How many calls are live, those that are being opened included. */
  readonly live: number;
  /** Whether new calls are taken: not any more once it drains or stops. */
  readonly takesCalls: boolean;
  /**
   * Takes what an earlier server left unfinished: chats go on, other calls are
   * finished as lost, what is finished is reported. Fails when the store does.
   */
  recover(): Promise<Recovered>;
  /** Takes what nobody holds any more, later on. A call that cannot be taken up at once is tried again by itself. */
  takeOver(): Promise<void>;
  /**
   * Lets go of every call that another server can go on with, between two
   * steps. Nothing is written; from here on whoever asks for one is told to
   * try again. Answers which they are.
   */
  letGo(): Promise<CallId[]>;
  /** Forgets all calls at once and writes nothing more of them, as another server may have them. */
  drop(): void;
  /** Takes no more calls, and lets the live ones go on until they end, for so long at most, or until it is to hurry. */
  drain(limitMs: number, hurry?: AbortSignal): Promise<void>;
  /** Takes no more calls, ends the live ones with their reports, and waits so long for it. */
  stop(limitMs: number): Promise<void>;
};

/** How many calls go on, and how many were finished and only had to be reported. */
export type Recovered = { takenUp: number; finished: number };

/** With an `idempotencyKey` a call that the team made under it before is given instead of a new one. */
export type Connecting = { teamId: TeamId; body: ConnectBody; idempotencyKey?: string | undefined };

/** Something that was said, and is on disk behind the entry `after`. `reply` never fails. */
export type Heard = { after: number; reply: Promise<Reply> };

/** The assistant's messages of a turn, and how it ended; `unanswered` when the words began none, as in a muted call. */
export type Reply = { messages: Message[]; outcome: (typeof turnOutcomes)[number] | "unanswered" };
