import type {
  Call,
  CallId,
  ConnectBody,
  Control,
  Listened,
  ListenedToolCall,
  ListenerAnswer,
  LiveState,
  Refusal,
  TeamId,
} from "@offhook/protocol";
import type { NodeNote } from "./store.ts";

type Whom = { teamId: TeamId; callId: CallId };

/** What is asked of the server that holds a call. */
export type CallQuestion =
  | ({ ask: "control"; control: Control } & Whom)
  | ({ ask: "hear"; text: string } & Whom)
  | ({ ask: "leave" } & Whom)
  | ({ ask: "look" } & Whom);

/** A listener, as other servers are told of it: whom it listens to, and since when. */
export type ToldListener = { teamId: TeamId; assistants: Listened; since: number };

/** What servers say to each other of listeners. */
export type ListenerQuestion =
  /** All who listen at the server that says so; a word with a smaller `turn` is older. */
  | { ask: "listen"; from: Peer; turn: number; listeners: readonly ToldListener[] }
  /** To the newest listener there; answered with what it answered, within the tool call's time. */
  | { ask: "offer"; teamId: TeamId; call: ListenedToolCall }
  /** What a listener says of a tool call, wherever it was offered. */
  | { ask: "answer"; teamId: TeamId; toolCallId: string; answer: ListenerAnswer };

/** What one server asks of another that shares its store. */
export type PeerQuestion =
  | CallQuestion
  | ListenerQuestion
  /** `idempotencyKey` always: asked again, or of another, it makes no second call. */
  | { ask: "connect"; teamId: TeamId; body: ConnectBody; idempotencyKey: string };

/** What came of a tool call that a listener had taken. The body is in base64. */
export type Offered =
  | { came: "answered"; status: number; headers: Record<string, string>; body: string }
  | { came: "failed"; kind: "unreachable" | "timed-out" | "too-large" | "stopped"; detail: string };

/** What is answered. `elsewhere`: the call, or the listener, is not there, and nothing was done. */
export type PeerAnswer =
  | { answer: "done" }
  /** It is on disk, behind the entry `after`. */
  | { answer: "heard"; after: number }
  | { answer: "looked"; state: LiveState | null }
  | { answer: "connected"; call: Call }
  | { answer: "offered"; offered: Offered }
  | { answer: "refused"; refusal: Refusal }
  | { answer: "elsewhere" };

/** `nobody`: it was certainly not done. `no-answer`: nobody knows whether it was. */
export type Unreached = { unreached: "nobody" | "no-answer" };

export type Peer = Pick<NodeNote, "nodeId" | "url">;

/** The way to the other servers. */
export interface Peers {
  /** Asks one of them. Answers within its limit, and never throws. */
  ask(peer: Peer, question: PeerQuestion): Promise<PeerAnswer | Unreached>;
  /** Answers what is asked of the node that this server is. */
  serve(answer: AnswerPeer): PeerDoor;
}

export type AnswerPeer = (question: PeerQuestion) => Promise<PeerAnswer>;

/** Where this server is asked. */
export type PeerDoor = {
  /** From now on this server is that node. */
  standAs(nodeId: string): void;
  close(): void;
};

export const peerLimits = {
  /** How long an answer may take. */
  askMaxMs: 5_000,
  /** Who listens is told again soon. */
  tellMaxMs: 1_000,
  /** Who offers a tool call gives it up itself when its time is over, and so knows why; this is the ceiling. */
  graceMs: 1_000,
  /** A call may ask the application who answers, and MCP servers for their tools, before it is there. */
  connectMaxMs: 30_000,
  /** Questions of this server that may be unanswered, and of others that it answers at a time. */
  underWayMax: 1_000,
  /** Bytes of a question, and of an answer. */
  bytesMax: 2 * 1024 * 1024,
} as const;

/** How long the answer to a question may take. */
export function limitOf(question: PeerQuestion): number {
  switch (question.ask) {
    case "connect":
      return peerLimits.connectMaxMs;
    case "offer":
      return question.call.timeoutMs + peerLimits.graceMs;
    case "listen":
      return peerLimits.tellMaxMs;
    default:
      return peerLimits.askMaxMs;
  }
}
