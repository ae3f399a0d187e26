import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { z } from "zod";
import { type Clock, sleep, systemClock } from "../clock.ts";

/** A real server of the Model Context Protocol, from its official SDK, with tools that do what their names say. */
export type RunningMcpServer = {
  url: string;
  /** What came, in order: method and headers. */
  requests: readonly { method: string; headers: Record<string, string> }[];
  sessions(): number;
  /** Answers every request as this does instead; undefined: as itself again. */
  behave(act: ((outgoing: ServerResponse) => void) | undefined): void;
  /** Forgets all sessions, as after a restart. */
  forget(): void;
  close(): Promise<void>;
};

export async function runMcpServer(clock: Clock = systemClock): Promise<RunningMcpServer> {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const requests: { method: string; headers: Record<string, string> }[] = [];
  const closing = new AbortController();
  let act: ((outgoing: ServerResponse) => void) | undefined;
  let made = 0;
  const open = async (): Promise<StreamableHTTPServerTransport> => {
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => `session-${(made += 1)}`,
      onsessioninitialized: (id) => void transports.set(id, transport),
    });
    await toolsFor(clock, closing.signal).connect(transport);
    return transport;
  };
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
    );
    requests.push({ method: incoming.method ?? "", headers });
    if (act !== undefined) return act(outgoing);
    const id = headers["mcp-session-id"];
    const known = id === undefined ? await open() : transports.get(id);
    if (known === undefined) return void outgoing.writeHead(404).end();
    await known.handleRequest(
      incoming,
      outgoing,
      incoming.method === "POST" ? await json(incoming) : undefined,
    );
  };
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    requests,
    sessions: () => transports.size,
    behave: (next) => (act = next),
    forget: () => transports.clear(),
    close() {
      closing.abort();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function toolsFor(clock: Clock, signal: AbortSignal): McpServer {
  const server = new McpServer({ name: "clinic", version: "1.0.0" });
  const text = (words: string) => ({ content: [{ type: "text" as const, text: words }] });
  server.registerTool(
    "findSlots",
    { description: "Free slots on a day", inputSchema: { day: z.string() } },
    ({ day }) => text(`${day}: 09:00`),
  );
  server.registerTool("count", { inputSchema: {}, outputSchema: { slots: z.number() } }, () => ({
    ...text("3"),
    structuredContent: { slots: 3 },
  }));
  server.registerTool("fail", {}, () => ({ ...text("the book is closed"), isError: true }));
  server.registerTool("throw", {}, () => {
    throw new Error("a bug over there");
  });
  server.registerTool("sleep", {}, async () => {
    await sleep(clock, 60_000, signal);
    return text("awake");
  });
  server.registerTool("flood", {}, () => text("x".repeat(2_000_000)));
  server.registerTool("big", {}, () => text("x".repeat(300_000)));
  server.registerTool("picture", {}, () => ({
    content: [{ type: "image" as const, data: "AAAA", mimeType: "image/png" }],
  }));
  server.registerTool("nothing", {}, () => ({ content: [] }));
  server.registerTool("not.a name", {}, () => text("never"));
  return server;
}
