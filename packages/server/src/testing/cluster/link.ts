import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { reset } from "../reset.ts";

/** A way between two servers that can be cut, held up and mended, as a network does it. */
export type Link = {
  port: number;
  /** Breaks every connection, and refuses new ones. */
  cut(): void;
  /** Passes nothing on, without a word, as a cable that is pulled: what was sent meanwhile arrives when it is mended. */
  stall(): void;
  mend(): void;
  close(): Promise<void>;
};

/** Opens a way to a port of this machine; it passes everything on. */
export async function openLink(to: { host?: string; port: number }): Promise<Link> {
  const { host = "127.0.0.1", port } = to;
  const ways = new Set<Way>();
  let state: "open" | "cut" | "stalled" = "open";
  const server = createServer({ allowHalfOpen: true }, (near) => {
    if (state === "cut") return reset(near);
    const way = new Way(near, () => connect({ host, port, allowHalfOpen: true }));
    ways.add(way);
    near.on("close", () => way.isOver && ways.delete(way));
    if (state === "open") way.open();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const place = server.address();
  const cut = (): void => {
    state = "cut";
    for (const way of ways) way.cut();
    ways.clear();
  };
  return {
    port: typeof place === "object" && place !== null ? place.port : 0,
    cut,
    stall() {
      state = "stalled";
      for (const way of ways) way.stall();
    },
    mend() {
      state = "open";
      for (const way of ways) way.open();
    },
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}

/** One connection over a link: its two ends, which know nothing of each other while it is stalled. */
class Way {
  readonly #near: Socket;
  readonly #connect: () => Socket;
  #far: Socket | undefined;
  #state: "open" | "stalled" = "stalled";

  constructor(near: Socket, connectFar: () => Socket) {
    this.#near = near;
    this.#connect = connectFar;
    near.pause();
    this.#watch(near);
  }

  /** Whether both ends are gone. */
  get isOver(): boolean {
    return this.#near.destroyed && (this.#far?.destroyed ?? true);
  }

  open(): void {
    if (this.#state === "open") return;
    this.#state = "open";
    if (this.#near.destroyed) return this.cut();
    this.#far ??= this.#watched(this.#connect());
    const far = this.#far;
    if (far.destroyed) return this.cut();
    this.#near.pipe(far);
    far.pipe(this.#near);
  }

  stall(): void {
    this.#state = "stalled";
    for (const end of [this.#near, this.#far]) end?.unpipe().pause();
  }

  cut(): void {
    for (const end of [this.#near, this.#far]) if (end?.destroyed === false) reset(end);
  }

  #watched(end: Socket): Socket {
    this.#watch(end);
    return end;
  }

  #watch(end: Socket): void {
    // What becomes of one end is heard by the other, unless nothing gets through.
    end.on("error", () => end.destroy()).on("close", () => this.#state === "open" && this.cut());
  }
}
