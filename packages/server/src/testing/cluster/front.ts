import { reset } from "../reset.ts";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** The one address of several servers, as a load balancer gives it: connections take turns, and pass by who does not listen. */
export type Front = {
  url: string;
  /** From now on connections go to these. */
  leadTo(urls: readonly string[]): void;
  close(): Promise<void>;
};

export async function openFront(): Promise<Front> {
  const open = new Set<Socket>();
  let backends: readonly URL[] = [];
  let turn = 0;
  const server = createServer((near) => {
    near.on("error", () => near.destroy());
    turn += 1;
    const inTurn = backends.map((_, index) => backends[(turn + index) % backends.length]);
    void pass(near, inTurn, open);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const place = server.address();
  return {
    url: `http://127.0.0.1:${typeof place === "object" ? place?.port : 0}`,
    leadTo: (urls) => (backends = urls.map((url) => new URL(url))),
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

async function pass(near: Socket, inTurn: readonly (URL | undefined)[], open: Set<Socket>): Promise<void> {
  const far = await firstThatListens(inTurn);
  if (far === undefined) reset(near);
  else join(near, far, open);
}

/** Passes on what both say; when one end goes, so does the other. */
function join(near: Socket, far: Socket, open: Set<Socket>): void {
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    open.add(one);
    one
      .on("error", () => one.destroy())
      .on("close", () => {
        open.delete(one);
        other.destroy();
      });
    one.pipe(other);
  }
}

async function firstThatListens(backends: readonly (URL | undefined)[]): Promise<Socket | undefined> {
  for (const backend of backends) {
    if (backend === undefined) continue;
    const far = connect(Number(backend.port), backend.hostname);
    const listens = await once(far, "connect").then(
      () => true,
      () => false,
    );
    if (listens) return far;
  }
  return undefined;
}
