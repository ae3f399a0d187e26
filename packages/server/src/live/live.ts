import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { CallId, Problem, Refusal } from "@offhook/protocol";
import { WebSocketServer } from "ws";
import { admit, type AdmissionParts } from "./admission.ts";
import { answerBare } from "./bare-answer.ts";
import { liveLimits } from "./limits.ts";
import { type Client, Session, type SessionParts } from "./session.ts";
import type { Whom } from "./watched-call.ts";

export type LiveParts = SessionParts &
  AdmissionParts & {
    /** A refusal as an HTTP answer has it; `status` where it is not the usual one. */
    problemOf: (refusal: Refusal, status?: number) => Problem;
  };

/** Live sockets of calls: `/calls/v1/conversations/{id}/live`. */
export type Live = {
  /** Takes a connection that wants to become a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Says goodbye to every client and lets no more in. */
  close(): void;
  readonly sessions: number;
};

/** Opens the room; it listens nowhere by itself. */
export function openLive(parts: LiveParts): Live {
  return new LiveRoom(parts);
}

class LiveRoom implements Live {
  readonly #parts: LiveParts;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: liveLimits.frameBytesMax,
  });
  readonly #sessions = new Map<CallId, Set<Session>>();
  #count = 0;
  #closed = false;

  constructor(parts: LiveParts) {
    this.#parts = parts;
    this.#server.on("wsClientError", ({ message }, socket) => {
      const detail = `This is no WebSocket handshake: ${message}.`;
      answerBare(socket, parts.problemOf({ refused: "invalid", detail }, 400));
    });
  }

  get sessions(): number {
    return this.#count;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ignore = (): void => undefined;
    socket.on("error", ignore);
    void admit(this.#parts, request).then((whom) => {
      const admitted = "refused" in whom ? whom : (this.#refuseMore(whom.callId) ?? whom);
      if ("refused" in admitted) return answerBare(socket, this.#parts.problemOf(admitted));
      socket.off("error", ignore);
      return this.#server.handleUpgrade(request, socket, head, (client) =>
        this.#begin(admitted, { socket: client, line: socket }),
      );
    });
  }

  close(): void {
    this.#closed = true;
    for (const sessions of this.#sessions.values()) for (const session of sessions) session.leave();
  }

  #refuseMore(callId: CallId): Refusal | undefined {
    if (this.#closed) {
      return { refused: "stopping", detail: "The server is stopping: connect again in a moment." };
    }
    const { sessionsMax, sessionsPerCallMax } = liveLimits;
    const ofCall = this.#sessions.get(callId)?.size ?? 0;
    if (this.#count < sessionsMax && ofCall < sessionsPerCallMax) return undefined;
    const detail = `Too many are connected: at most ${sessionsPerCallMax} to a call, ${sessionsMax} in all.`;
    return { refused: "over-capacity", detail };
  }

  #begin(whom: Whom, client: Client): void {
    const session = new Session(this.#parts, whom, client);
    const others = this.#sessions.get(whom.callId) ?? new Set();
    this.#sessions.set(whom.callId, others.add(session));
    this.#count += 1;
    client.socket.on("close", () => this.#letGo(whom.callId, session));
  }

  #letGo(callId: CallId, session: Session): void {
    const sessions = this.#sessions.get(callId);
    if (sessions?.delete(session) !== true) return;
    this.#count -= 1;
    if (sessions.size === 0) this.#sessions.delete(callId);
  }
}
