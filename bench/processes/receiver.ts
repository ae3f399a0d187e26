import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { answerParent } from "../harness/child.ts";

/** The application of a bench: one plain `node:http` server that answers 200, the same for every contender. */
export type ReceiverCount = {
  received: number;
  /** Events that came when another of their call, not one lower or the same, had been the last. */
  outOfOrder: number;
  /** Events that came with the sequence that was the last of their call. */
  repeated: number;
  bytes: number;
};

const state = { count: noCount(), last: new Map<string, number>() };
const servers: Server[] = [];
/** Connections of a receiver that never answers are kept by nothing else. */
const silent: ServerResponse[] = [];

const handlers = {
  /** Listens at `addresses`, all on one free port; answers the port. */
  async listen({ addresses }: { addresses: readonly string[] }): Promise<number> {
    let port = 0;
    for (const address of addresses) port = await listenAt(take, { port, address });
    return port;
  },
  /** Listens where it takes every request and never answers. */
  listenSilently: ({ address }: { address: string }): Promise<number> =>
    listenAt((_request, response) => void silent.push(response), { port: 0, address }),
  count: (): ReceiverCount => state.count,
  reset(): void {
    state.count = noCount();
    state.last.clear();
  },
};
export type ReceiverDoes = typeof handlers;

answerParent(handlers);

function listenAt(
  hear: (request: IncomingMessage, response: ServerResponse) => void,
  { port, address }: { port: number; address: string },
): Promise<number> {
  const server = createServer({ keepAliveTimeout: 60_000 }, hear);
  servers.push(server);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: address, backlog: 4_096 }, () => {
      const listening = server.address();
      resolve(typeof listening === "object" && listening !== null ? listening.port : 0);
    });
  });
}

const okHeaders = { "content-type": "application/json", "content-length": "2" };

function take(request: IncomingMessage, response: ServerResponse): void {
  note(request.headers["webhook-id"]);
  request.on("data", (chunk: Buffer) => (state.count.bytes += chunk.length));
  request.on("end", () => {
    response.writeHead(200, okHeaders);
    response.end("{}");
  });
}

/** An id is `evt_<call>_<sequence>`: within a call sequences are to come one after another. */
function note(id: string | string[] | undefined): void {
  const { count, last } = state;
  count.received += 1;
  if (typeof id !== "string") return;
  const at = id.lastIndexOf("_");
  const call = id.slice(0, at);
  const sequence = Number(id.slice(at + 1));
  const before = last.get(call);
  if (before !== undefined && sequence === before) count.repeated += 1;
  else if (before !== undefined && sequence !== before + 1) count.outOfOrder += 1;
  last.set(call, Math.max(sequence, before ?? 0));
}

function noCount(): ReceiverCount {
  return { received: 0, outOfOrder: 0, repeated: 0, bytes: 0 };
}
