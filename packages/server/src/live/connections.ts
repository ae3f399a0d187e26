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
  /** Those that have not asked anything yet. */
  readonly #unasked = new Set<Socket>();
  readonly #answers = new Set<ServerResponse>();
  readonly #announcedMs: number;
  #closing = false;
  #opened = 0;
  #retiring = false;

  /** Answers say how long a client may keep a connection that it does not use. */
  constructor(server: Server, announcedMs: number) {
    this.#announcedMs = announcedMs;
    server.on("connection", (socket: Socket) => this.#add(socket));
    // First, for an answer may be given at once.
    server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
      if (this.#retiring) sayLast(response);
      else if (response.shouldKeepAlive) this.#announce(response);
      this.#unasked.delete(request.socket);
      this.#answers.add(response);
      this.#count(request.socket, 1);
      response.on("close", () => {
        this.#answers.delete(response);
        this.#count(request.socket, -1);
      });
    });
    // From here on it is not HTTP any more, and closed by who took it.
    server.on("upgrade", (request: IncomingMessage) => {
      this.#underWay.delete(request.socket);
      this.#unasked.delete(request.socket);
    });
  }

  /** How many there were, ever. */
  get opened(): number {
    return this.#opened;
  }

  get isRetiring(): boolean {
    return this.#retiring;
  }

  /** Whether there is a connection that a client may be about to use. */
  get hasIdle(): boolean {
    for (const answers of this.#underWay.values()) if (answers === 0) return true;
    return false;
  }

  /** Whether there is a connection whose first request is yet to come. */
  get hasUnasked(): boolean {
    return this.#unasked.size > 0;
  }

  /**
   * From now on every answer says that it is the last on its connection, also
   * those that are being made: clients go elsewhere with the next request.
   */
  retire(): void {
    this.#retiring = true;
    for (const answer of this.#answers) sayLast(answer);
  }

  /** Closes every connection as soon as nothing is under way on it. */
  close(): void {
    this.retire();
    this.#closing = true;
    for (const [socket, answers] of this.#underWay) if (answers === 0) socket.destroySoon();
  }

  /** Closes every connection now, whatever it is about. */
  cut(): void {
    for (const socket of this.#all) socket.destroy();
  }

  #add(socket: Socket): void {
    if (this.#closing) return void socket.destroy();
    this.#opened += 1;
    this.#all.add(socket);
    this.#underWay.set(socket, 0);
    this.#unasked.add(socket);
    socket.on("close", () => {
      this.#all.delete(socket);
      this.#underWay.delete(socket);
      this.#unasked.delete(socket);
    });
  }

  #announce(response: ServerResponse): void {
    // Both: by itself Node would announce the time that the server itself keeps it.
    response.setHeader("connection", "keep-alive");
    response.setHeader("keep-alive", `timeout=${this.#announcedMs / 1_000}`);
  }

  #count(socket: Socket, change: 1 | -1): void {
    const before = this.#underWay.get(socket);
    if (before === undefined) return;
    this.#underWay.set(socket, before + change);
    if (this.#closing && before + change === 0) socket.destroySoon();
  }
}

function sayLast(response: ServerResponse): void {
  if (response.headersSent) return;
  response.removeHeader("keep-alive");
  response.setHeader("connection", "close");
}
