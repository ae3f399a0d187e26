import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Problem, Refusal } from "@offhook/protocol";
import { type Clock, nextRound, sleep, timedOut, within } from "../clock.ts";
import type { Log } from "../log.ts";
import { answerBare } from "./bare-answer.ts";
import { Connections } from "./connections.ts";
import type { Live } from "./live.ts";

/** Limits of connections. */
export const serverLimits = {
  /** How long a client may take to send the headers, and the whole, of a request. */
  headersMaxMs: 10_000,
  requestMaxMs: 30_000,
  /** How long a connection may be idle between requests: longer than a proxy's in front, often 60 s. */
  keepAliveMs: 65_000,
  /** How long a connection may be without any progress: longer than the longest answer, a tool that is tried out (600 s). */
  silenceMaxMs: 660_000,
  headersMax: 100,
  headerBytesMax: 16_384,
  connectionsMax: 20_000,
  /** How long clients are told that they may keep an idle connection; shorter than `retireMaxMs`. */
  announcedKeepAliveMs: 5_000,
  /** How long a server that leaves goes on answering: at least so long, for balancers to see it. */
  retireMinMs: 1_000,
  /** And at most so long, while there are idle connections; a client that goes by what it is told has dropped them by then. */
  retireMaxMs: 6_000,
  /** How often it looks whether they are gone. */
  retireLookEveryMs: 100,
  /** How many rounds of the event loop it may look for one in which nobody came. */
  letInRoundsMax: 1_000,
  /** How long a connection that was just opened has to ask something when a server that leaves listens no more. */
  firstRequestMaxMs: 1_000,
  /** How long clients have to take their last answers when the server stops. */
  closeMaxMs: 5_000,
} as const;

export type ServeParts = {
  app: { fetch: Parameters<typeof getRequestListener>[0] };
  live: Live;
  problemOf: (refusal: Refusal, status?: number) => Problem;
  /** 0 for any free port. */
  port: number;
  host: string;
  clock: Clock;
  log: Log;
};

export type Served = {
  /** Where the server is found from this machine, without a slash at the end. */
  url: string;
  port: number;
  /** Has clients go to another server with their next request; takes a moment, less with the signal. */
  retire(hurry?: AbortSignal): Promise<void>;
  close(): Promise<void>;
};

/** Listens for HTTP and for live sockets; fails with a sentence when it cannot. */
export async function serve(parts: ServeParts): Promise<Served> {
  const server = makeServer(parts);
  const connections = new Connections(server, serverLimits.announcedKeepAliveMs);
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) =>
    parts.live.upgrade(request, socket, head),
  );
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) =>
    refuseBytes(error, socket, parts),
  );
  const { port } = await listen(server, parts);
  const url = `http://${namedHost(parts.host)}:${port}`;
  parts.log.info("listening", { url });
  return {
    url,
    port,
    retire: (hurry) => retire(connections, parts.clock, hurry),
    close: () => close({ server, connections, parts }),
  };
}

function makeServer({ app, problemOf }: ServeParts): Server {
  const listener = getRequestListener(app.fetch, {
    errorHandler: () => {
      const refusal: Refusal = {
        refused: "invalid",
        detail: "The request's address or `host` header is not one.",
      };
      return Response.json(problemOf(refusal, 400), {
        status: 400,
        headers: { "content-type": "application/problem+json" },
      });
    },
  });
  const options = {
    headersTimeout: serverLimits.headersMaxMs,
    requestTimeout: serverLimits.requestMaxMs,
    keepAliveTimeout: serverLimits.keepAliveMs,
    connectionsCheckingInterval: serverLimits.headersMaxMs / 2,
    maxHeaderSize: serverLimits.headerBytesMax,
    shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === "websocket",
  };
  const server = createServer(options, (request, response) => void listener(request, response));
  server.timeout = serverLimits.silenceMaxMs;
  server.maxHeadersCount = serverLimits.headersMax;
  server.maxConnections = serverLimits.connectionsMax;
  return server;
}

function listen(server: Server, { port, host }: ServeParts): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why =
        error.code === "EADDRINUSE"
          ? "the port is in use: stop what uses it, or choose another"
          : error.message;
      reject(new Error(`Cannot listen on ${namedHost(host)}:${port}: ${why}.`, { cause: error }));
    });
    server.listen(port, host, () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address);
      else reject(new Error("the server has no address"));
    });
  });
}

/** Answers bytes that are no HTTP request, or that came too slowly. */
function refuseBytes(error: NodeJS.ErrnoException, socket: Socket, { problemOf }: ServeParts): void {
  const [status, detail] = byteFaults[error.code ?? ""] ?? [400, "These bytes are no HTTP/1.1 request."];
  answerBare(socket, problemOf({ refused: "invalid", detail }, status));
}

const byteFaults: Record<string, [number, string]> = {
  HPE_HEADER_OVERFLOW: [431, `The headers are larger than ${serverLimits.headerBytesMax / 1_024} KiB.`],
  ERR_HTTP_REQUEST_TIMEOUT: [
    408,
    `The request did not come whole within ${serverLimits.requestMaxMs / 1_000} s.`,
  ],
};

/** Goes on answering until no client may be about to use a connection that it kept. */
async function retire(connections: Connections, clock: Clock, hurry?: AbortSignal): Promise<void> {
  const { retireMinMs, retireMaxMs, retireLookEveryMs } = serverLimits;
  connections.retire();
  await sleep(clock, retireMinMs, hurry);
  for (let waitedMs: number = retireMinMs; waitedMs < retireMaxMs; waitedMs += retireLookEveryMs) {
    if (!connections.hasIdle || hurry?.aborted === true) return;
    await sleep(clock, retireLookEveryMs, hurry);
  }
}

/** Waits for a moment in which nobody waits to be let in, who would be reset when it listens no more. */
async function letIn(connections: Connections, clock: Clock): Promise<void> {
  for (let round = 0; round < serverLimits.letInRoundsMax; round += 1) {
    const [before, begunAt] = [connections.opened, clock.now()];
    await nextRound();
    // A round that took long lets more of them come after it has looked.
    if (connections.opened === before && clock.now() === begunAt) return;
  }
}

/** Has those that were let in just before it listened no more ask what they came to ask. */
async function hearOut(connections: Connections, clock: Clock): Promise<void> {
  const { firstRequestMaxMs, retireLookEveryMs } = serverLimits;
  for (let waitedMs = 0; waitedMs < firstRequestMaxMs; waitedMs += retireLookEveryMs) {
    if (!connections.hasUnasked) return;
    await sleep(clock, retireLookEveryMs);
  }
}

type Closing = { server: Server; connections: Connections; parts: ServeParts };

/** Takes no more, lets what is under way end, and then does not wait for ever. */
async function close({ server, connections, parts: { live, clock, log } }: Closing): Promise<void> {
  if (connections.isRetiring) await letIn(connections, clock);
  const closed = new Promise<"closed">((resolve) => server.close(() => resolve("closed")));
  live.close();
  if (connections.isRetiring) await hearOut(connections, clock);
  connections.close();
  if ((await within(clock, serverLimits.closeMaxMs, closed)) !== timedOut) return;
  log.warn("clients did not let go in time: their connections are cut");
  connections.cut();
}

function namedHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
