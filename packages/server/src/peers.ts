import type { Call, CallId, ConnectBody, Control, LiveState, Refusal, TeamId } from "@offhook/protocol";
import type { NodeNote } from "./store.ts";

type Whom = { teamId: TeamId; callId: CallId };

/** What one server asks of another that shares its store. */
export type PeerQuestion =
  | ({ ask: "control"; control: Control } & Whom)
  | ({ ask: "hear"; text: string } & Whom)
  | ({ ask: "leave" } & Whom)
  | ({ ask: "look" } & Whom)
  /** `idempotencyKey` always: asked again, or of another, it makes no second call. */
  | { ask: "connect"; teamId: TeamId; body: ConnectBody; idempotencyKey: string };

/** What is answered. `elsewhere`: the call is not held there, and nothing was done. */
export type PeerAnswer =
  | { answer: "done" }
  /** It is on disk, behind the entry `after`. */
  | { answer: "heard"; after: number }
  | { answer: "looked"; state: LiveState | null }
  | { answer: "connected"; call: Call }
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
  /** A call may ask the application who answers, and MCP servers for their tools, before it is there. */
  connectMaxMs: 30_000,
  /** Questions of this server that may be unanswered, and of others that it answers at a time. */
  underWayMax: 1_000,
  /** Bytes of a question, and of an answer. */
  bytesMax: 2 * 1024 * 1024,
} as const;

/** How long the answer to a question may take. */
export function limitOf({ ask }: PeerQuestion): number {
  return ask === "connect" ? peerLimits.connectMaxMs : peerLimits.askMaxMs;
}
