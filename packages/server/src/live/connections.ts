import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Knows which connections have an answer under way, so that a server that
 * stops can let go of the others: also of those that never asked anything,
 * which Node's own `closeIdleConnections` keeps.
 */
export class Connections {
  readonly #all = new Set<Socket>();
  /** Answers under way; what is not HTTP any more is not in here. */
  readonly #underWay = new Map<Socket, number>();
  #closing = false;
  #retiring = false;

  constructor(server: Server) {
    server.on("connection", (socket: Socket) => this.#add(socket));
    // First, for an answer may be given at once.
    server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
      if (this.#retiring) response.setHeader("connection", "close");
      this.#count(request.socket, 1);
      response.on("close", () => this.#count(request.socket, -1));
    });
    // From here on it is not HTTP any more, and closed by who took it.
    server.on("upgrade", (request: IncomingMessage) => this.#underWay.delete(request.socket));
  }

  /** From now on every answer says that it is the last on its connection: clients go elsewhere with the next request. */
  retire(): void {
    this.#retiring = true;
  }

  /** Closes every connection as soon as nothing is under way on it. */
  close(): void {
    this.#closing = true;
    for (const [socket, answers] of this.#underWay) if (answers === 0) socket.destroySoon();
  }

  /** Closes every connection now, whatever it is about. */
  cut(): void {
    for (const socket of this.#all) socket.destroy();
  }

  #add(socket: Socket): void {
    if (this.#closing) return void socket.destroy();
    this.#all.add(socket);
    this.#underWay.set(socket, 0);
    socket.on("close", () => {
      this.#all.delete(socket);
      this.#underWay.delete(socket);
    });
  }

  #count(socket: Socket, change: 1 | -1): void {
    const before = this.#underWay.get(socket);
    if (before === undefined) return;
    this.#underWay.set(socket, before + change);
    if (this.#closing && before + change === 0) socket.destroySoon();
  }
}
